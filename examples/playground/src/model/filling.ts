/** Numbers for an input. */
import { Generator } from "wasm-rnn";
import type { Feed } from "./opened";
import { grouped, shapeText, sizeOf } from "./words";

/** Numbers of an input: more would be no experiment. */
const MOST = 20_000_000;
/** Steps from one crest of the wave to the next. */
const PERIOD = 20;

/** @throws {Error} in plain words */
export function filled({ name, shape, fill, text }: Feed, isInteger: boolean): Float64Array {
  const size = sizeOf(shape);
  if (!shape.every((length) => Number.isInteger(length) && length >= 0)) throw new Error(`${name}: sizes are whole numbers.`);
  if (size > MOST) throw new Error(`${name}: ${shapeText(shape)} is ${grouped(size)} numbers; at most ${grouped(MOST)} are tried here.`);
  const values = new Float64Array(size);
  if (fill === "numbers") values.set(numbersFor(name, shape, text));
  if (fill === "random") {
    const random = new Generator(1);
    for (let i = 0; i < size; i++) values[i] = isInteger ? random.integer(2) : random.normal();
  }
  if (fill === "wave") {
    const width = shape.length > 1 ? (shape.at(-1) ?? 1) : 1;
    const across = waveAxis(shape);
    for (let i = 0; i < size; i++)
      values[i] = Math.sin((2 * Math.PI * (Math.floor(i / across.stride) % across.length)) / PERIOD + (i % width));
  }
  return values;
}

/** Where time is, as far as sizes tell: the longest axis that is not the last of several. */
function waveAxis(shape: readonly number[]): { length: number; stride: number } {
  const before = shape.length > 1 ? shape.slice(0, -1) : shape;
  const axis = before.reduce((best, size, i) => (size > (before[best] as number) ? i : best), 0);
  return { length: Math.max(1, shape[axis] ?? 1), stride: sizeOf(shape.slice(axis + 1)) };
}

function numbersFor(name: string, shape: readonly number[], text: string): number[] {
  const size = sizeOf(shape);
  const values = numbersIn(text);
  if (values.length === size) return values;
  throw new Error(`${name}: ${shapeText(shape)} takes ${grouped(size)} numbers, and there are ${grouped(values.length)}.`);
}

/** All numbers of a text: pasted, or a CSV file with a header or without. @throws {Error} on what is none */
export function numbersIn(text: string): number[] {
  const lines = text.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() !== "");
  const isHeader = fieldsIn(lines[begin] ?? "").some((field) => Number.isNaN(Number(field)));
  const rows = isHeader && lines.length > 1 ? lines.slice(begin + 1) : lines;
  return rows.flatMap(fieldsIn).map((field) => {
    const value = Number(field);
    if (Number.isNaN(value)) throw new Error(`“${field.slice(0, 40)}” is no number.`);
    return value;
  });
}

function fieldsIn(line: string): string[] {
  return line.split(/[\s,;[\](){}]+/).filter(Boolean);
}
