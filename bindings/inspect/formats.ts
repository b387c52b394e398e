/** Which format a file is of, by what is in it. */
import { FormatError } from "../errors.js";
import { charactersOf } from "../host.js";
import { foreignFile } from "../io/foreign-files.js";
import { readZip } from "../io/zip.js";

/** A format that is read: by its short name. */
export type FileFormat = "safetensors" | "npy" | "npz" | "pytorch" | "keras" | "tfjs" | "onnx";

/** What people call each. */
export const FORMAT_NAMES: Readonly<Record<FileFormat, string>> = {
  safetensors: "safetensors",
  npy: "an array of NumPy",
  npz: "arrays of NumPy",
  pytorch: "PyTorch",
  keras: "Keras",
  tfjs: "TensorFlow.js",
  onnx: "ONNX",
};

/**
 * Which format a file is of, whatever its name says.
 *
 * @param bytes of the whole file
 * @example
 * const format = fileFormat(bytes); // "onnx"
 * @throws {FormatError} when it is none that is known
 */
export function fileFormat(bytes: Uint8Array): FileFormat {
  const head = charactersOf(bytes.subarray(0, 16));
  if (head.startsWith("\x93NUMPY")) return "npy";
  if (head.startsWith("\x89HDF\r\n")) return "keras";
  if (head.startsWith("PK\x03\x04")) return inZip(bytes);
  if (isSafetensors(bytes)) return "safetensors"; // first: the length of its header may look like a space and a brace
  if (/^(\xef\xbb\xbf)?\s*\{/.test(head)) return "tfjs"; // some editors put a mark of UTF-8 in front
  if (head.startsWith("\x80") || head.startsWith("(")) return "pytorch";
  if (head.startsWith("\x08") || head.startsWith("\x12") || head.startsWith(":")) return "onnx"; // its fields 1, 2 and 7
  throw new FormatError(
    `expected a file of safetensors, NumPy, PyTorch, Keras, TensorFlow.js or ONNX, got ${foreignFile(bytes) ?? "none of these"}`,
  );
}

function inZip(bytes: Uint8Array): FileFormat {
  const names = [...readZip(bytes, "zip").keys()];
  if (names.includes("model.weights.h5")) return "keras";
  return names.length > 0 && names.every((name) => name.endsWith(".npy")) ? "npz" : "pytorch";
}

function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 9) return false;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return length <= bytes.length - 8 && bytes[8] === 0x7b;
}
