/** The picture: probabilities over time, the blank behind, the symbols before it, what was recognised above. */
import { axes, begin, type Colour, fill, line, stroke } from "../drawing";
import { type Frame, xOf, yOf } from "../frame";
import type { History } from "../history";
import { curvesOf } from "./curves";
import type { HeardStep } from "./ear";

const SYMBOL_COLOURS = ["--first", "--second", "--third", "--fourth"];

export function draw(context: CanvasRenderingContext2D, history: History<HeardStep>, frame: Frame, colour: Colour): void {
  begin(context, frame);
  const [blank, ...symbols] = curvesOf(history, frame.from, frame.to);
  if (blank) fill(context, frame, blank.probabilities, colour("--pico-muted-color"), 0.18);
  axes(context, frame, colour);
  for (const { label, probabilities } of symbols) {
    const own = colour(colourOf(label));
    fill(context, frame, probabilities, own, 0.3);
    line(context, frame, probabilities, own);
  }
  recognised(context, history, frame, colour);
}

/** Of a class: the same wherever it is drawn. */
function colourOf(label: number): string {
  return SYMBOL_COLOURS[(label - 1) % SYMBOL_COLOURS.length] as string;
}

/** On two lines by turns, so that long ones have room. */
function recognised(context: CanvasRenderingContext2D, history: History<HeardStep>, frame: Frame, colour: Colour): void {
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillStyle = colour("--pico-color");
  context.strokeStyle = colour("--pico-muted-color");
  context.lineWidth = 1;
  for (const [i, { symbol, step }] of history.heard.entries()) {
    if (step < frame.from || step >= frame.to) continue;
    const x = xOf(frame, step);
    const y = i % 2 === 0 ? 14 : 31;
    context.fillText(symbol, x, y);
    stroke(context, x, y + 3, x, yOf(frame, 1));
  }
}
