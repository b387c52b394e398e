/** What pictures of probabilities over time are drawn with. */
import { type Frame, LEFT, STEP_WIDTH, xOf, yOf } from "./frame";

const FONT = "13px system-ui, sans-serif";

/** The value of a custom property of style.css. */
export type Colour = (name: string) => string;

/** Empties it. */
export function begin(context: CanvasRenderingContext2D, frame: Frame): void {
  context.clearRect(0, 0, frame.width, frame.height);
  context.font = FONT;
  context.lineJoin = "round";
}

/** @param probabilities from the frame's first step on */
export function fill(context: CanvasRenderingContext2D, frame: Frame, probabilities: Float32Array, colour: string, alpha: number): void {
  context.beginPath();
  context.moveTo(LEFT, yOf(frame, 0));
  trace(context, frame, probabilities);
  context.lineTo(xOf(frame, frame.to - 1), yOf(frame, 0));
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

/** @param probabilities from the frame's first step on */
export function line(context: CanvasRenderingContext2D, frame: Frame, probabilities: Float32Array, colour: string): void {
  context.beginPath();
  trace(context, frame, probabilities);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
}

function trace(context: CanvasRenderingContext2D, frame: Frame, probabilities: Float32Array): void {
  for (const [i, probability] of probabilities.entries()) context.lineTo(xOf(frame, frame.from + i), yOf(frame, probability));
}

export function axes(context: CanvasRenderingContext2D, frame: Frame, colour: Colour): void {
  context.strokeStyle = colour("--grid");
  context.fillStyle = colour("--pico-muted-color");
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const probability of [0, 0.5, 1]) {
    const y = Math.round(yOf(frame, probability)) + 0.5;
    stroke(context, LEFT, y, frame.width, y);
    context.fillText(`${100 * probability} %`, LEFT - 6, y);
  }
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const capacity = (frame.width - LEFT) / STEP_WIDTH;
  const lastSecond = Math.floor((frame.from + capacity) * frame.step);
  for (let second = Math.ceil(frame.from * frame.step); second <= lastSecond; second++) {
    const x = Math.round(xOf(frame, second / frame.step)) + 0.5;
    stroke(context, x, yOf(frame, 1), x, yOf(frame, 0));
    if (x < frame.width - 16) context.fillText(`${second} s`, x, frame.height - 6);
  }
}

export function stroke(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
