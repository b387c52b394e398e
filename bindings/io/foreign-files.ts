/** Files of other formats, by the bytes they begin with: what a person hands over by mistake is named. */

interface Kind {
  readonly name: string;
  /** What to do. */
  readonly cure: string;
  matches(bytes: Uint8Array): boolean;
}

const TORCH = "loadPyTorch of wasm-rnn/pytorch reads it";
const KERAS = "loadKeras of wasm-rnn/keras reads whole models";
const NUMPY = "convert it first (safetensors.numpy.save_file({name: array, …}, path))";

/** Source: the formats' own descriptions, and `file`(1). */
const KINDS: readonly Kind[] = [
  {
    name: "a NumPy archive (.npz)",
    cure: "loadNpz of wasm-rnn/numpy reads it",
    matches: (bytes) => isZip(bytes) && /\.npy$/.test(firstEntry(bytes)),
  },
  {
    name: "a Keras archive (.keras)",
    cure: KERAS,
    matches: (bytes) => isZip(bytes) && /^(metadata|config)\.json$/.test(firstEntry(bytes)),
  },
  { name: "a zip archive, as PyTorch's .pt and .pth files are", cure: TORCH, matches: isZip },
  { name: "a pickle, as old PyTorch files are", cure: TORCH, matches: isPickle },
  { name: "an HDF5 file (.h5)", cure: KERAS, matches: (bytes) => begins(bytes, "\x89HDF\r\n\x1a\n") },
  { name: "a NumPy array (.npy)", cure: "loadNpy of wasm-rnn/numpy reads it", matches: (bytes) => begins(bytes, "\x93NUMPY") },
  { name: "an ONNX model", cure: "loadOnnx of wasm-rnn/onnx runs it", matches: isOnnx },
  { name: "a TensorFlow Lite model", cure: NUMPY, matches: (bytes) => begins(bytes.subarray(4), "TFL3") },
  { name: "a GGUF file", cure: NUMPY, matches: (bytes) => begins(bytes, "GGUF") },
  { name: "a gzip archive", cure: "unpack it first (gunzip)", matches: (bytes) => begins(bytes, "\x1f\x8b\x08") },
  { name: "a Git LFS pointer", cure: "fetch the file itself (git lfs pull)", matches: (bytes) => begins(bytes, "version https://git-lfs") },
  { name: "a page of HTML or XML", cure: "download the file itself", matches: isPage },
  {
    name: "a JSON text, as the index of weights in several files is",
    cure: "load the .safetensors files that it names",
    matches: (bytes) => /^[\t\n\r -~]{8}/.test(textOf(bytes, 8)) && /^\s*[[{]\s*["[{]/.test(textOf(bytes, 64)),
  },
];

/** The name of a file's format and the cure, where it is one that is known. */
export function foreignFile(bytes: Uint8Array): string | undefined {
  const kind = KINDS.find(({ matches }) => matches(bytes));
  return kind && `${kind.name}: ${kind.cure}`;
}

function textOf(bytes: Uint8Array, length: number, from = 0): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

function begins(bytes: Uint8Array, magic: string): boolean {
  return textOf(bytes, magic.length) === magic;
}

/** What a server answers in a file's place. */
function isPage(bytes: Uint8Array): boolean {
  return /^(\xef\xbb\xbf)?\s*<(!doctype|!--|html|head|body|\?xml|error)/i.test(textOf(bytes, 64));
}

function isZip(bytes: Uint8Array): boolean {
  return begins(bytes, "PK\x03\x04") || begins(bytes, "PK\x05\x06");
}

/** The name of a zip archive's first file. */
function firstEntry(bytes: Uint8Array): string {
  const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
  return textOf(bytes, Math.min(length, 256), 30);
}

/** Protocol 2 to 5, then an opcode: those are printable or above, where a header's length would hold small numbers. */
function isPickle(bytes: Uint8Array): boolean {
  const [first, protocol = 0, opcode = 0] = bytes;
  return first === 0x80 && protocol >= 2 && protocol <= 5 && opcode >= 0x20;
}

/** A protobuf whose field 1 is a small version, then another field of ModelProto; as the length of a header it would be over 4 GB. */
function isOnnx(bytes: Uint8Array): boolean {
  const [first, version = 0, field = 0] = bytes;
  const isField = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72].includes(field);
  return first === 0x08 && version > 0 && version < 64 && isField && bytes.subarray(4, 8).some(Boolean);
}
