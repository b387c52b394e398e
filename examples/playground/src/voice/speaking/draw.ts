/** The picture: the probability over time, the thresholds, and the stretches of speech behind, with their times above. */
import { BEGIN, GO_ON } from "../../../../vad/segments";
import { axes, begin, type Colour, fill, line, stroke } from "../drawing";
import { type Frame, LEFT, TOP, xOf, yOf } from "../frame";
import type { History } from "../history";
import type { Stretch } from "./ear";
import { type Shown, shown } from "./shown";

/** Pixels that the times of a stretch need. */
const ROOM = 104;

export function draw(context: CanvasRenderingContext2D, history: History<Stretch>, frame: Frame, colour: Colour): void {
  begin(context, frame);
  const { probabilities, stretches } = shown(history, frame.from, frame.to);
  for (const stretch of stretches) mark(context, frame, stretch, colour);
  axes(context, frame, colour);
  threshold(context, frame, BEGIN, [6, 4], colour);
  threshold(context, frame, GO_ON, [2, 4], colour);
  fill(context, frame, probabilities, colour("--first"), 0.25);
  line(context, frame, probabilities, colour("--first"));
}

function threshold(context: CanvasRenderingContext2D, frame: Frame, probability: number, dashes: number[], colour: Colour): void {
  const y = Math.round(yOf(frame, probability)) + 0.5;
  context.strokeStyle = colour("--second");
  context.lineWidth = 1.5;
  context.setLineDash(dashes);
  stroke(context, LEFT, y, frame.width, y);
  context.setLineDash([]);
}

/** A field behind the curve, a bar on top of it, and above them the times where there is room. */
function mark(context: CanvasRenderingContext2D, frame: Frame, { from, to, stretch }: Shown, colour: Colour): void {
  const left = Math.max(LEFT, xOf(frame, from));
  const width = Math.min(frame.width, xOf(frame, to)) - left;
  context.fillStyle = colour("--third");
  context.globalAlpha = 0.15;
  context.fillRect(left, TOP, width, yOf(frame, 0) - TOP);
  context.globalAlpha = 1;
  context.fillRect(left, TOP - 5, width, 4);
  if (!stretch || width < ROOM) return;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillStyle = colour("--pico-color");
  context.fillText(`${stretch.start.toFixed(1)} – ${stretch.end.toFixed(1)} s`, left + width / 2, TOP - 12);
}
