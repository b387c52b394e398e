/** The files that are dropped together: a model.json comes with its weights. */
import type { FileFormat } from "wasm-rnn/inspect";

/** How the names of files end, by format. */
export const EXTENSIONS: Readonly<Record<FileFormat, readonly string[]>> = {
  safetensors: [".safetensors"],
  npy: [".npy"],
  npz: [".npz"],
  pytorch: [".pt", ".pth", ".ckpt", ".pkl", ".bin"],
  keras: [".keras", ".h5", ".hdf5"],
  tfjs: [".json"],
  onnx: [".onnx"],
};

export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function endsAs(name: string, endings: readonly string[]): boolean {
  return endings.some((ending) => name.toLowerCase().endsWith(ending));
}

/** Endings of one format alone: a .json may be anything, and so may a .bin. */
const OWN = Object.values(EXTENSIONS)
  .flat()
  .filter((ending) => ending !== ".json" && ending !== ".bin");

/** Which file says most about the others: the first of these that is among them. */
const PREFERRED: readonly ((file: GivenFile) => boolean)[] = [
  ({ name, bytes }) => endsAs(name, EXTENSIONS.tfjs) && namesWeights(bytes),
  ({ name }) => endsAs(name, OWN),
  ({ name }) => endsAs(name, [".bin"]),
  () => true,
];

/** The one that says what the others are: of a model.json and its weights that, whatever else was downloaded with them. */
export function mainOf(files: readonly GivenFile[]): GivenFile {
  const main = PREFERRED.map((isIt) => files.find(isIt)).find((file) => file !== undefined);
  if (!main) throw new Error("There is no file.");
  return main;
}

/** Whether it is a model.json: a list of labels, a tokenizer or a configuration is JSON, too. */
function namesWeights(bytes: Uint8Array): boolean {
  return /"(weightsManifest|modelTopology)"/.test(new TextDecoder().decode(bytes));
}

/** What gives the files of weights that a model.json names. */
export function beside(files: readonly GivenFile[], main: GivenFile): (path: string) => Uint8Array {
  return (path) => {
    const wanted = path.replace(/^.*\//, "");
    const found = files.find((file) => file !== main && file.name === wanted);
    if (found) return found.bytes;
    throw new Error(`${main.name} names a file of weights, ${wanted.slice(0, 100)}: choose or drop both of them together.`);
  };
}
