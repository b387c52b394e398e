/** What is in a file, as the page is told it. */
import { createRuntime, loadSafetensors, type Model, type Runtime } from "wasm-rnn";
import { arraysIn, FORMAT_NAMES, fileFormat, type ListedArray, type LoadedArray, listedIn, modelIn, networkIn } from "wasm-rnn/inspect";
import { KerasModel } from "wasm-rnn/keras";
import { exportOnnx } from "wasm-rnn/onnx";
import { beside, EXTENSIONS, endsAs, type GivenFile, mainOf } from "./files";
import { kerasSession, networkOfPlan } from "./keras-network";
import type { Listed, Network, Opened } from "./opened";
import { onnxSession, type Session } from "./running";
import { counted, short, sizeOf } from "./words";

/** Arrays, faults and whatever else is listed. */
const MOST = 500;
export interface Read {
  readonly rt: Runtime;
  readonly opened: Opened;
  /** Makes what runs it, where it runs. */
  readonly session: (() => Promise<Session>) | undefined;
}

/** @throws {Error} in plain words */
export async function read(files: readonly GivenFile[]): Promise<Read> {
  const main = mainOf(files);
  const { name, bytes } = main;
  if (bytes.length === 0) throw new Error("The file is empty.");
  const format = fileFormat(bytes);
  const [known, others] = [FORMAT_NAMES[format], format === "tfjs" ? [] : files.filter((file) => file !== main)];
  const notes = [
    ...(endsAs(name, EXTENSIONS[format])
      ? []
      : [`By its name it would be something else, but it is a file of ${known}: it is read as that.`]),
    ...(others.length === 0
      ? []
      : [`What came with it is not read, one file at a time: ${short(others.map((file) => file.name).join(", "))}.`]),
  ];
  const about = {
    name,
    notes,
    bytes: (others.length === 0 ? files : [main]).reduce((sum, each) => sum + each.bytes.length, 0),
    format: known,
  };
  if (format === "onnx") return readOnnx(about, bytes);
  const list = listedIn(format, bytes);
  const rest = { ...about, facts: [], network: undefined, summary: undefined };
  let arrays: Readonly<Record<string, LoadedArray>>;
  try {
    arrays = arraysIn(format, bytes, name) ?? {};
  } catch (problem) {
    if (!list) throw problem;
    const faults = [short((problem as Error).message, 300)]; // of some numbers; what they are is told all the same
    return { rt: await runtimeFor(false), opened: { ...rest, ...cut(list.map(rowOf)), kind: "weights", faults }, session: undefined };
  }
  const rows = list ?? Object.entries(arrays).map(([name, { dtype, shape }]) => ({ name, type: dtype, shape }));
  const told = { ...rest, ...cut(rows.map(rowOf)), facts: format === "safetensors" ? metadataOf(bytes) : [] };
  const rt = await runtimeFor(Object.values(arrays).some(({ dtype }) => dtype === "f64"));
  try {
    const model = await modelIn(rt, format, bytes, beside(files, main));
    if (model) return readModel(rt, told, model);
  } catch (problem) {
    const faults = (problem as Error).message
      .split("; ")
      .slice(0, MOST)
      .map((fault) => short(fault, 300));
    return { rt, opened: { ...told, kind: "a model", faults }, session: undefined };
  }
  return { rt, opened: { ...told, kind: "weights", faults: undefined }, session: undefined };
}

/** @param isDouble whether there are numbers of f64: the kernels of both types are larger */
function runtimeFor(isDouble: boolean): Promise<Runtime> {
  return createRuntime({ dtype: isDouble ? "f64" : "f32" });
}

type About = Pick<Opened, "name" | "notes" | "bytes" | "format">;

function metadataOf(bytes: Uint8Array): [string, string][] {
  const { metadata } = loadSafetensors(bytes);
  const own = Object.entries(metadata).filter(([name]) => !name.startsWith("wasm-rnn."));
  return own.slice(0, 20).map(([name, text]) => [short(name), short(text, 200)]);
}

function rowOf({ name, type, shape }: ListedArray): Listed {
  return { name, dtype: type, shape, numbers: sizeOf(shape) };
}

function cut(all: readonly Listed[]): Pick<Opened, "arrays" | "arrayCount" | "numbers"> {
  return {
    arrays: all.slice(0, MOST).map((array) => ({ ...array, name: short(array.name, 120) })),
    arrayCount: all.length,
    numbers: all.reduce((sum, { numbers }) => sum + numbers, 0),
  };
}

async function readOnnx(about: About, bytes: Uint8Array): Promise<Read> {
  const said = networkIn(bytes);
  const { opset, producer, arrays, inputs, outputs, faults } = said;
  const facts: [string, string][] = [
    ["made by", short(producer) || "it does not say"],
    ["opset", String(opset)],
  ];
  const all = [...arrays].map(([name, { type, shape }]) => rowOf({ name, type, shape }));
  const rest = { facts, summary: undefined, network: networkOf(said), faults: faults.slice(0, MOST).map((fault) => short(fault, 300)) };
  const rt = await runtimeFor([...inputs, ...outputs, ...arrays.values()].some(({ type }) => type === "float64"));
  return {
    rt,
    opened: { ...about, ...cut(all), ...rest, kind: "a network" },
    session: faults.length === 0 ? () => onnxSession(rt, bytes) : undefined,
  };
}

function networkOf({ inputs, outputs, nodes, arrays, shapes }: ReturnType<typeof networkIn>): Network {
  const port = ({ name, type, dtype, shape }: (typeof inputs)[number]) => ({ name, type, shape, isInteger: dtype === "i32" });
  const ofArrays = [...arrays].map(([name, { shape }]) => [name, shape] as const);
  const ofPorts = [...inputs, ...outputs].flatMap(({ name, shape }) => (shape ? [[name, shape] as const] : []));
  return {
    inputs: inputs.map(port),
    outputs: outputs.map(port),
    nodes,
    shapes: new Map([...ofArrays, ...shapes, ...ofPorts]),
    constants: new Set(arrays.keys()),
  };
}

/** A model is drawn and run as the file of ONNX that exportOnnx makes of it; a graph of Keras, of which it makes none, as it is. */
function readModel(rt: Runtime, about: Omit<Opened, "kind" | "faults">, model: Model): Read {
  const all = model.namedParameters().map(([name, { shape, dtype }]) => ({ name, dtype, shape, numbers: sizeOf(shape) }));
  const summary = model.summary();
  const told = { ...about, ...cut(all), summary, kind: `a model of ${counted(model.namedLayers().length, "layer")}` };
  if (model instanceof KerasModel)
    return { rt, opened: { ...told, network: networkOfPlan(model.plan), faults: [] }, session: async () => kerasSession(rt, model) };
  const isDouble = all.some(({ dtype }) => dtype === "f64");
  try {
    const onnx = exportOnnx(model, isDouble ? { dtype: "f32" } : {});
    const notes = isDouble ? [...told.notes, "Its numbers are of f64; here it is drawn and run rounded to f32."] : told.notes;
    return { rt, opened: { ...told, notes, network: networkOf(networkIn(onnx)), faults: [] }, session: () => onnxSession(rt, onnx) };
  } catch (problem) {
    const why = `It runs here, by code; this tab draws and runs what exportOnnx can write, and this it cannot: ${(problem as Error).message}`;
    return { rt, opened: { ...told, notes: [...told.notes, short(why, 400)], faults: undefined }, session: undefined };
  } finally {
    model.dispose();
  }
}
