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

/** Steps of a sequence; of sound, samples of a chunk, and a second's. */
const [LONG, CHUNK, RATE] = [40, 512, 16_000];

/** Sizes that may vary: those of one name once. */
export function openSizes(network: Network): OpenSize[] {
  const found = new Map<string, OpenSize>();
  const long = network.inputs.some(isRate) ? CHUNK : LONG;
  for (const port of network.inputs) {
    (port.shape ?? [""]).forEach((size, axis) => {
      if (typeof size === "number") return;
      const key = keyOf(port, size, axis);
      const label = size || `axis ${axis} of ${port.name}`;
      if (!found.has(key)) found.set(key, { key, label, start: isLong(port, size, axis) ? long : 1 });
    });
  }
  return [...found.values()];
}

function keyOf({ name }: Port, size: string, axis: number): string {
  return size || `${name} ${axis}`;
}

/** A batch is of one; of time there are some steps. */
function isLong({ shape = [""], name }: Port, size: string, axis: number): boolean {
  if (/^(t|time|steps|length|frames|samples)|seq/i.test(size)) return true;
  if (/batch|^[nb]$/i.test(size) || isState(name)) return false;
  return axis > 0 && axis === shape.length - 2;
}

/** How many samples of a sound are a second. */
function isRate({ name, isInteger, shape }: Port): boolean {
  return isInteger && shape?.every((size) => size === 1) === true && /^sr$|rate/i.test(name);
}

function isState(name: string): boolean {
  return /state|^[hc]\d|hidden|initial|past|cache|prev/i.test(name);
}

export function firstChoice(file: string, network: Network): Choice {
  const sizes = Object.fromEntries(openSizes(network).map(({ key, start }) => [key, start]));
  const start = (port: Port): ChosenInput => {
    if (isRate(port)) return { fill: "numbers", text: String(RATE) };
    if (isState(port.name)) return { fill: "zeros", text: "" };
    return { fill: file === SAMPLE_FILE ? "wave" : "random", text: "" };
  };
  return { file, sizes, inputs: Object.fromEntries(network.inputs.map((port) => [port.name, start(port)])) };
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
