/** What is in a file, as the page is told it. */
import { createRuntime, loadSafetensors, type Model, type Runtime } from "wasm-rnn";
import { arraysIn, type FileFormat, FORMAT_NAMES, fileFormat, type LoadedArray, modelIn, networkIn } from "wasm-rnn/inspect";
import { exportOnnx } from "wasm-rnn/onnx";
import type { GivenFile } from "./files";
import { beside, mainOf } from "./files";
import type { Listed, Network, Opened } from "./opened";
import { counted, short, sizeOf } from "./words";

/** Arrays, faults and whatever else is listed. */
const MOST = 500;
const EXTENSIONS: Readonly<Record<FileFormat, RegExp>> = {
  safetensors: /\.safetensors$/i,
  npy: /\.npy$/i,
  npz: /\.npz$/i,
  pytorch: /\.(pt|pth|bin|pkl|ckpt)$/i,
  keras: /\.(keras|h5|hdf5)$/i,
  tfjs: /\.json$/i,
  onnx: /\.onnx$/i,
};

export interface Read {
  readonly rt: Runtime;
  readonly opened: Opened;
  /** The network as a file of ONNX, where it runs. */
  readonly onnx: Uint8Array | undefined;
}

/** @throws {Error} in plain words */
export async function read(files: readonly GivenFile[]): Promise<Read> {
  const main = mainOf(files);
  const { name, bytes } = main;
  if (bytes.length === 0) throw new Error("The file is empty.");
  const format = fileFormat(bytes);
  const notes = EXTENSIONS[format].test(name)
    ? []
    : [`By its name it would be something else, but it is a file of ${FORMAT_NAMES[format]}: it is read as that.`];
  const about = { name, notes, bytes: files.reduce((sum, each) => sum + each.bytes.length, 0), format: FORMAT_NAMES[format] };
  if (format === "onnx") return readOnnx(about, bytes);
  const arrays = arraysIn(format, bytes, name) ?? {};
  const told = {
    ...about,
    ...listed(arrays),
    facts: format === "safetensors" ? metadataOf(bytes) : [],
    network: undefined,
    summary: undefined,
  };
  const rt = await runtimeFor(Object.values(arrays).some(({ dtype }) => dtype === "f64"));
  try {
    const model = await modelIn(rt, format, bytes, beside(files, main));
    if (model) return readModel(rt, told, model);
  } catch (problem) {
    const faults = (problem as Error).message
      .split("; ")
      .slice(0, MOST)
      .map((fault) => short(fault, 300));
    return { rt, opened: { ...told, kind: "a model", faults }, onnx: undefined };
  }
  return { rt, opened: { ...told, kind: "weights", faults: undefined }, onnx: undefined };
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

function listed(arrays: Readonly<Record<string, LoadedArray>>): Pick<Opened, "arrays" | "arrayCount" | "numbers"> {
  return cut(Object.entries(arrays).map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, numbers: data.length })));
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
  const all = [...arrays].map(([name, { type, shape }]) => ({ name, dtype: type, shape, numbers: sizeOf(shape) }));
  const rest = { facts, summary: undefined, network: networkOf(said), faults: faults.slice(0, MOST).map((fault) => short(fault, 300)) };
  const rt = await runtimeFor([...inputs, ...outputs, ...arrays.values()].some(({ type }) => type === "float64"));
  return { rt, opened: { ...about, ...cut(all), ...rest, kind: "a network" }, onnx: faults.length === 0 ? bytes : undefined };
}

function networkOf({ inputs, outputs, nodes, arrays, shapes }: ReturnType<typeof networkIn>): Network {
  const port = ({ name, type, dtype, shape }: (typeof inputs)[number]) => ({ name, type, shape, isInteger: dtype === "i32" });
  const ofPorts = [...inputs, ...outputs].flatMap(({ name, shape }) => (shape ? [[name, shape] as const] : []));
  return {
    inputs: inputs.map(port),
    outputs: outputs.map(port),
    nodes,
    shapes: new Map([...shapes, ...ofPorts]),
    constants: new Set(arrays.keys()),
  };
}

/** A model is drawn and run as the file of ONNX that exportOnnx makes of it. */
function readModel(rt: Runtime, about: Omit<Opened, "kind" | "faults">, model: Model): Read {
  const all = model.namedParameters().map(([name, { shape, dtype }]) => ({ name, dtype, shape, numbers: sizeOf(shape) }));
  const summary = model.summary();
  const told = { ...about, ...cut(all), summary, kind: `a model of ${counted(model.namedLayers().length, "layer")}` };
  const isDouble = all.some(({ dtype }) => dtype === "f64");
  try {
    const onnx = exportOnnx(model, isDouble ? { dtype: "f32" } : {});
    const notes = isDouble ? [...told.notes, "Its numbers are of f64; here it is drawn and run rounded to f32."] : told.notes;
    return { rt, opened: { ...told, notes, network: networkOf(networkIn(onnx)), faults: [] }, onnx };
  } catch (problem) {
    const why = `It runs here, by code; this tab draws and runs what exportOnnx can write, and this it cannot: ${(problem as Error).message}`;
    return { rt, opened: { ...told, notes: [...told.notes, short(why, 400)], faults: undefined }, onnx: undefined };
  } finally {
    model.dispose();
  }
}
