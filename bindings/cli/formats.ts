/** Which format a file is of, by what is in it. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { FormatError } from "../errors.js";
import { charactersOf } from "../host.js";
import { readZip } from "../io/zip.js";
import { CommandError } from "./command-error.js";

export type Format = "safetensors" | "npy" | "npz" | "pytorch" | "keras" | "tfjs" | "onnx";

export const NAMES: Readonly<Record<Format, string>> = {
  safetensors: "safetensors",
  npy: "an array of NumPy",
  npz: "arrays of NumPy",
  pytorch: "PyTorch",
  keras: "Keras",
  tfjs: "TensorFlow.js",
  onnx: "ONNX",
};

/** A file in memory. @throws {CommandError} when it cannot be read */
export function readFile(path: string): Uint8Array {
  try {
    if (statSync(path).isDirectory()) throw new CommandError(`${path} is a folder`);
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new CommandError(`cannot read ${path}: ${code === "ENOENT" ? "there is no such file" : code}`);
  }
}

/** @throws {CommandError} when it cannot be written */
export function writeFile(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new CommandError(`cannot write ${path}: ${code === "ENOENT" ? "there is no such folder" : code}`);
  }
}

/** @throws {FormatError} when it is none that is known */
export function formatOf(bytes: Uint8Array): Format {
  const head = charactersOf(bytes.subarray(0, 16));
  if (head.startsWith("\x93NUMPY")) return "npy";
  if (head.startsWith("\x89HDF\r\n")) return "keras";
  if (head.startsWith("PK\x03\x04")) return inZip(bytes);
  if (/^\s*\{/.test(head)) return "tfjs";
  if (isSafetensors(bytes)) return "safetensors";
  if (head.startsWith("\x80") || head.startsWith("(")) return "pytorch";
  if (head.startsWith("\x08") || head.startsWith("\x12") || head.startsWith(":")) return "onnx"; // its fields 1, 2 and 7
  throw new FormatError("expected a file of safetensors, NumPy, PyTorch, Keras, TensorFlow.js or ONNX, got none of these");
}

function inZip(bytes: Uint8Array): Format {
  const names = [...readZip(bytes, "zip").keys()];
  if (names.includes("model.weights.h5")) return "keras";
  return names.length > 0 && names.every((name) => name.endsWith(".npy")) ? "npz" : "pytorch";
}

function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 9) return false;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return length <= bytes.length - 8 && bytes[8] === 0x7b;
}
