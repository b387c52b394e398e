/** Tensors and types of values, as they lie in a file. */
import type { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type Fields, message, repeated } from "./proto-fields.js";
import type { ProtoTensor, ProtoValue } from "./proto-values.js";

/** While it is read. */
interface UnreadTensor extends ProtoTensor {
  readonly dims: number[];
  readonly numbers: number[];
  type: number;
  name: string;
  raw: Uint8Array | undefined;
  problem: string | undefined;
}

interface UnreadValue extends ProtoValue {
  name: string;
  type: number | undefined;
  shape: (number | string)[] | undefined;
}

export function emptyTensor(): UnreadTensor {
  return { dims: [], type: 0, name: "", raw: undefined, numbers: [], problem: undefined };
}

export function emptyValue(): UnreadValue {
  return { name: "", type: undefined, shape: undefined };
}

const numbersBy = (read: (reader: BinaryReader) => number) => repeated<UnreadTensor>(({ numbers }) => numbers, read);
const refuse = (problem: string) => (tensor: UnreadTensor, reader: BinaryReader, _: number, wire: WireType) => {
  reader.skip(wire);
  tensor.problem ??= problem;
};

/** Of large models, or by some exporters' default. */
const BESIDE = "data in a file beside it (in Python: onnx.save(onnx.load(path), another) makes one file of both)";

export const TENSOR: Fields<UnreadTensor> = {
  1: repeated<UnreadTensor>(
    ({ dims }) => dims,
    (r) => Number(r.int64()),
  ),
  2: (tensor, r) => (tensor.type = r.int32()),
  3: refuse("a tensor in segments"),
  4: numbersBy((r) => r.float()),
  5: numbersBy((r) => r.int32()),
  6: refuse("a tensor of strings"),
  7: numbersBy((r) => Number(r.int64())),
  8: (tensor, r) => (tensor.name = r.string()),
  9: (tensor, r) => (tensor.raw = r.bytes()),
  10: numbersBy((r) => r.double()),
  11: numbersBy((r) => Number(r.uint64())),
  13: refuse(BESIDE),
  14: (tensor, r) => {
    if (r.int32() !== 0) tensor.problem ??= BESIDE;
  },
};

/** A name, or a number; "" where nothing is said. */
const DIMENSION: Fields<{ size: number | string }> = {
  1: (dimension, r) => (dimension.size = Number(r.int64())),
  2: (dimension, r) => (dimension.size = r.string()),
};

const SHAPE: Fields<(number | string)[]> = {
  1: (shape, r, depth) => {
    const { size } = message<{ size: number | string }>(r, depth, DIMENSION, { size: "" });
    shape.push(typeof size === "number" && size < 0 ? "" : size); // some exporters say −1 of one that may vary
  },
};

const TENSOR_TYPE: Fields<UnreadValue> = {
  1: (value, r) => (value.type = r.int32()),
  2: (value, r, depth) => (value.shape = message<(number | string)[]>(r, depth, SHAPE, [])),
};

/** Of the kinds of types, that of a tensor alone is read. */
const TYPE: Fields<UnreadValue> = { 1: (value, r, depth) => message(r, depth, TENSOR_TYPE, value) };

export const VALUE: Fields<UnreadValue> = {
  1: (value, r) => (value.name = r.string()),
  2: (value, r, depth) => message(r, depth, TYPE, value),
};
