/** The text that is typed, and its translation a moment later. */
import { proxy, type Remote } from "comlink";
import { useEffect, useState } from "preact/hooks";
import { said } from "../shared/errors";
import type { AttentionWorker } from "./attention.worker";
import type { Said } from "./translating";

/** Milliseconds without a key before it is translated. */
const PAUSE = 300;

const REFUSALS = {
  "no word": "Write a sentence in English.",
  "too long": "That is too long for it: it has learned from single sentences. Try one.",
};

export interface Shown {
  readonly said?: Said;
  /** Words may still come, and others take their place. */
  readonly isDraft: boolean;
  /** Why there is no translation. */
  readonly problem?: string;
}

export function useTranslation(api: Remote<AttentionWorker>, text: string): Shown {
  const [shown, setShown] = useState<Shown>({ isDraft: false });
  useEffect(() => {
    let isOver = false; // with the whole translation, too: a draft may arrive behind it
    const show = (now: Shown) => {
      if (isOver) return;
      isOver = !now.isDraft;
      setShown(now);
    };
    const onDraft = proxy((draft: Said) => show({ said: draft, isDraft: true }));
    const timer = setTimeout(() => {
      api.translate(text, onDraft).then(
        (outcome) => {
          if (outcome === undefined) return;
          if ("refused" in outcome) show({ isDraft: false, problem: REFUSALS[outcome.refused] });
          else show({ said: outcome, isDraft: false });
        },
        (problem) => show({ isDraft: false, problem: `It could not be translated: ${said(problem)}` }),
      );
    }, PAUSE);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [api, text]);
  return shown;
}
