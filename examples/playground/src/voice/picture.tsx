/** What an ear holds likely, step by step, drawn as it comes; afterwards one can look back. */
import { type Signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Colour } from "./drawing";
import { type Frame, LEFT, lastSteps, STEP_WIDTH } from "./frame";
import type { History, Placed } from "./history";

const HEIGHT = 240;

interface PictureProps<Found extends Placed> {
  readonly history: History<Found>;
  /** How many steps were heard: changes with `history`. */
  readonly steps: Signal<number>;
  readonly isLive: boolean;
  /** Seconds of a step. */
  readonly step: number;
  /** What it shows, for those who cannot see it. */
  readonly title: string;
  draw(context: CanvasRenderingContext2D, history: History<Found>, frame: Frame, colour: Colour): void;
}

export function Picture<Found extends Placed>({ history, steps, isLive, step, title, draw }: PictureProps<Found>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [back, setBack] = useState<number>();
  const count = Math.max(1, Math.floor((width - LEFT) / STEP_WIDTH));
  const paint = useRef(() => {});
  paint.current = () => {
    const context = canvas.current?.getContext("2d");
    if (!context || width === 0) return;
    const isStill = isLive && matchMedia("(prefers-reduced-motion: reduce)").matches;
    const [from, to] = back === undefined ? lastSteps(history, count, isStill) : [back, Math.min(back + count, history.end)];
    const style = getComputedStyle(document.documentElement);
    fit(context, width);
    draw(context, history, { width, height: HEIGHT, from, to, step }, (name) => style.getPropertyValue(name).trim());
  };
  useSignalEffect(() => {
    void steps.value; // asks for it: whenever it changes, this runs again
    const frame = requestAnimationFrame(() => paint.current());
    return () => cancelAnimationFrame(frame);
  });
  useEffect(() => paint.current(), [width, back, isLive, history]);
  useEffect(() => setBack(undefined), [isLive, history]);
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => paint.current();
    dark.addEventListener("change", repaint);
    return () => {
      observer.disconnect();
      dark.removeEventListener("change", repaint);
    };
  }, []);
  const last = isLive ? 0 : Math.max(history.first, steps.value - count);
  return (
    <>
      <canvas ref={canvas} class="likely" style={{ height: HEIGHT }} role="img" aria-label={title} />
      {last > history.first && (
        <label>
          Look back
          <input
            type="range"
            min={history.first}
            max={last}
            value={back ?? last}
            aria-valuetext={`from second ${((back ?? last) * step).toFixed(1)}`}
            onInput={(event) => setBack(event.currentTarget.valueAsNumber)}
          />
        </label>
      )}
    </>
  );
}

/** As many pixels as the screen has. */
function fit(context: CanvasRenderingContext2D, width: number): void {
  const ratio = devicePixelRatio;
  const [w, h] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
  if (context.canvas.width !== w || context.canvas.height !== h) Object.assign(context.canvas, { width: w, height: h });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}
