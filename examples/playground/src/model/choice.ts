/** How the inputs of a network are to be filled. */
import type { Feed, Fill, Network, Port } from "./opened";

export interface ChosenInput {
  readonly fill: Fill;
  readonly text: string;
}

export interface Choice {
  /** Of the file that it is for. */
  readonly file: string;
  /** Open sizes, by the keys that `openSizes` gives. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, ChosenInput>>;
}

export interface OpenSize {
  readonly key: string;
  /** What it is: "T", or "axis 1 of x". */
  readonly label: string;
  readonly start: number;
}

/** Of the network that comes along. */
export const SAMPLE_FILE = "wave.onnx";

/** Steps of a sequence. */
const LONG = 40;

/** Sizes that may vary: those of one name once. */
export function openSizes({ inputs }: Network): OpenSize[] {
  const found = new Map<string, OpenSize>();
  for (const port of inputs) {
    (port.shape ?? [""]).forEach((size, axis) => {
      if (typeof size === "number") return;
      const key = keyOf(port, size, axis);
      const label = size || `axis ${axis} of ${port.name}`;
      if (!found.has(key)) found.set(key, { key, label, start: startOf(port, size, axis) });
    });
  }
  return [...found.values()];
}

function keyOf({ name }: Port, size: string, axis: number): string {
  return size || `${name} ${axis}`;
}

/** A batch of one; of time some steps. */
function startOf({ shape = [""], name }: Port, size: string, axis: number): number {
  if (/^(t|time|steps|length|frames|samples)|seq/i.test(size)) return LONG;
  if (/batch|^[nb]$/i.test(size) || isState(name)) return 1;
  return shape.length >= 2 && axis === shape.length - 2 && axis > 0 ? LONG : 1;
}

function isState(name: string): boolean {
  return /state|^[hc]\d|hidden|initial|past|cache|prev/i.test(name);
}

export function firstChoice(file: string, network: Network): Choice {
  const sizes = Object.fromEntries(openSizes(network).map(({ key, start }) => [key, start]));
  const start = ({ name, isInteger }: Port): Fill => (isInteger || isState(name) ? "zeros" : file === SAMPLE_FILE ? "wave" : "random");
  return { file, sizes, inputs: Object.fromEntries(network.inputs.map((port) => [port.name, { fill: start(port), text: "" }])) };
}

/** Whether it is one for this network. */
export function stillFits(choice: unknown, file: string, network: Network): choice is Choice {
  const { file: own, sizes, inputs } = (choice ?? {}) as Partial<Choice>;
  const isFill = (fill: unknown) => ["zeros", "random", "wave", "numbers"].includes(fill as string);
  return (
    own === file &&
    openSizes(network).every(({ key }) => Number.isInteger(sizes?.[key])) &&
    network.inputs.every(({ name }) => isFill(inputs?.[name]?.fill) && typeof inputs?.[name]?.text === "string")
  );
}

export function shapeOf(port: Port, sizes: Readonly<Record<string, number>>): number[] {
  return (port.shape ?? [""]).map((size, axis) => (typeof size === "number" ? size : (sizes[keyOf(port, size, axis)] ?? 1)));
}

export function feedsOf({ inputs }: Network, choice: Choice): Feed[] {
  return inputs.map((port) => ({
    name: port.name,
    shape: shapeOf(port, choice.sizes),
    ...(choice.inputs[port.name] ?? { fill: "zeros" as const, text: "" }),
  }));
}
