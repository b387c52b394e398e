/** Numbers, sizes and shapes in words. */
import { withoutControls } from "../shared/errors";
import type { Shape } from "./opened";

export function grouped(count: number): string {
  return count.toLocaleString("en");
}

export function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function shapeText(shape: Shape | undefined): string {
  return shape ? `[${shape.map((size) => (size === "" ? "?" : size)).join(", ")}]` : "of any rank";
}

export function timeText(ms: number): string {
  if (ms < 0.001) return "under 1 µs";
  return ms < 1 ? `${Number((1000 * ms).toPrecision(3))} µs` : `${Number(ms.toPrecision(3))} ms`;
}

/** Seven digits, as f32 has them. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** What a file says goes to the page cut short, and without what turns the direction of writing. */
export function short(text: string, most = 80): string {
  const plain = withoutControls(text);
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
