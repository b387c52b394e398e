/** A text on demand, shown as it comes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { engine } from "../shared/engine";
import { said } from "../shared/errors";
import { openWriter, type Writer } from "./model-file";
import { WRITTEN } from "./sizes";
import { characters, type Style } from "./write";

export interface Writing {
  readonly state: "none" | "writing" | "done";
  readonly prompt: string;
  readonly text: string;
  readonly problem?: string;
}

/** Milliseconds between two drawings. */
const DRAWN = 60;

export function useWriting() {
  const [writing, setWriting] = useState<Writing>({ state: "none", prompt: "", text: "" });
  const controller = useRef<AbortController | undefined>(undefined);
  const stop = () => controller.current?.abort();
  useEffect(() => stop, []);

  const write = async (writer: Writer, style: Style) => {
    stop();
    const own = new AbortController();
    controller.current = own;
    let [text, drawn] = ["", 0];
    const show = (state: Writing["state"], problem?: string) => {
      if (controller.current === own) setWriting({ state, prompt: style.prompt, text, ...(problem !== undefined && { problem }) });
    };
    show("writing");
    try {
      const model = await openWriter(await engine(), writer);
      try {
        for await (const character of characters(model, writer.vocabulary, style, { length: WRITTEN, signal: own.signal })) {
          text += character;
          if (performance.now() - drawn < DRAWN) continue;
          drawn = performance.now();
          show("writing");
        }
      } finally {
        model.dispose();
      }
      show("done");
    } catch (error) {
      show("done", own.signal.aborted ? undefined : said(error));
    }
  };
  return { writing, write, stop };
}
