/** Bytes of files: safetensors by hand, and the beginnings of other formats, as their tools write them. */

/** A safetensors file of this header, an object or its text, and so many bytes of data. */
export function fileOf(header: unknown, bytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A zip archive's first entry. */
function zip(name: string): Uint8Array {
  const header = new Uint8Array(30);
  header.set([0x50, 0x4b, 0x03, 0x04]);
  header[26] = name.length;
  return Uint8Array.of(...header, ...latin1(name), ...new Uint8Array(40));
}

/** What it is, what the message says of it, its cure. */
export const FOREIGN: readonly [string, Uint8Array, string, string][] = [
  ["torch.save", zip("archive/data.pkl"), "a zip archive, as PyTorch's .pt and .pth files are", "loadPyTorch of wasm-rnn/pytorch"],
  [
    "torch.save before 1.6",
    latin1("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."),
    "a pickle",
    "loadPyTorch of wasm-rnn/pytorch",
  ],
  ["pickle.dump", latin1("\x80\x04\x95\x0e\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s."), "a pickle", "loadPyTorch"],
  ["numpy.savez", zip("weight.npy"), "a NumPy archive (.npz)", "loadNpz of wasm-rnn/numpy"],
  ["numpy.save", latin1("\x93NUMPY\x01\x00v\x00{'descr': '<f4'}"), "a NumPy array (.npy)", "loadNpy of wasm-rnn/numpy"],
  ["Keras 3", zip("metadata.json"), "a Keras archive (.keras)", "loadKeras of wasm-rnn/keras"],
  ["h5py", latin1(`\x89HDF\r\n\x1a\n${"\0".repeat(40)}`), "an HDF5 file (.h5)", "loadKeras of wasm-rnn/keras"],
  ["ONNX", latin1("\x08\x08\x12\x07pytorch\x1a\x052.1.0:\xb9\x01"), "an ONNX model", "loadOnnx of wasm-rnn/onnx"],
  ["llama.cpp", latin1("GGUF\x03\x00\x00\x00\x00\x00\x00\x00"), "a GGUF file", "save_file"],
  ["TensorFlow Lite", latin1("\x1c\x00\x00\x00TFL3\x00\x00"), "a TensorFlow Lite model", "save_file"],
  ["gzip", latin1("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"), "a gzip archive", "gunzip"],
  ["Git LFS", latin1("version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 12\n"), "a Git LFS pointer", "git lfs pull"],
  ["a 404", latin1("<!DOCTYPE html>\n<html><head><title>404</title>"), "a page of HTML or XML", "download the file itself"],
  ["a 404 after blank lines", latin1("\n\n  <html><body>Not found"), "a page of HTML or XML", "download the file itself"],
  ["a bucket's refusal", latin1('<?xml version="1.0"?><Error><Code>AccessDenied'), "a page of HTML or XML", "download the file itself"],
  ["an index of several files", latin1('{"metadata": {"total_size": 1}, "weight_map": {}}'), "a JSON text", "load the .safetensors files"],
];
