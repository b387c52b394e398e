/** The picture: probabilities over time, the blank behind, the symbols before it, what was recognised above. */
import { STEP_SECONDS } from "../../../speech/features";
import { curvesOf } from "./curves";
import type { History } from "./history";

/** Pixels of a step, and around the curves. */
export const STEP_WIDTH = 4;
export const LEFT = 52;
const TOP = 40;
const BOTTOM = 22;
const FONT = "13px system-ui, sans-serif";
const SYMBOL_COLOURS = ["--first", "--second", "--third", "--fourth"];

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
}

type Colour = (name: string) => string;

export function draw(context: CanvasRenderingContext2D, history: History, frame: Frame, colour: Colour): void {
  context.clearRect(0, 0, frame.width, frame.height);
  context.font = FONT;
  context.lineJoin = "round";
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
export function colourOf(label: number): string {
  return SYMBOL_COLOURS[(label - 1) % SYMBOL_COLOURS.length] as string;
}

function xOf({ from }: Frame, step: number): number {
  return LEFT + (step - from) * STEP_WIDTH;
}

function yOf({ height }: Frame, probability: number): number {
  return TOP + (1 - probability) * (height - TOP - BOTTOM);
}

function trace(context: CanvasRenderingContext2D, frame: Frame, probabilities: Float32Array): void {
  for (const [i, probability] of probabilities.entries()) context.lineTo(xOf(frame, frame.from + i), yOf(frame, probability));
}

function fill(context: CanvasRenderingContext2D, frame: Frame, probabilities: Float32Array, colour: string, alpha: number): void {
  context.beginPath();
  context.moveTo(LEFT, yOf(frame, 0));
  trace(context, frame, probabilities);
  context.lineTo(xOf(frame, frame.to - 1), yOf(frame, 0));
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

function line(context: CanvasRenderingContext2D, frame: Frame, probabilities: Float32Array, colour: string): void {
  context.beginPath();
  trace(context, frame, probabilities);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
}

function axes(context: CanvasRenderingContext2D, frame: Frame, colour: Colour): void {
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
  const lastSecond = Math.floor((frame.from + capacity) * STEP_SECONDS);
  for (let second = Math.ceil(frame.from * STEP_SECONDS); second <= lastSecond; second++) {
    const x = Math.round(xOf(frame, second / STEP_SECONDS)) + 0.5;
    stroke(context, x, yOf(frame, 1), x, yOf(frame, 0));
    if (x < frame.width - 16) context.fillText(`${second} s`, x, frame.height - 6);
  }
}

/** On two lines by turns, so that long ones have room. */
function recognised(context: CanvasRenderingContext2D, history: History, frame: Frame, colour: Colour): void {
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

function stroke(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
