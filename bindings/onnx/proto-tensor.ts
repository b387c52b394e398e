/** Tensors and types of values, as they lie in a file. */
import type { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { message, readFields, repeated } from "./proto-fields.js";
import type { ProtoTensor, ProtoValue } from "./proto-values.js";

export function readTensor(reader: BinaryReader, end: number): ProtoTensor {
  const tensor = { type: 0, name: "", raw: undefined as Uint8Array | undefined, problem: undefined as string | undefined };
  const [dims, numbers]: [number[], number[]] = [[], []];
  const refuse = (problem: string) => (r: BinaryReader, wire: WireType) => {
    r.skip(wire);
    tensor.problem ??= problem;
  };
  readFields(reader, end, {
    1: repeated(dims, (r) => Number(r.int64())),
    2: (r) => (tensor.type = r.int32()),
    3: refuse("a tensor in segments"),
    4: repeated(numbers, (r) => r.float()),
    5: repeated(numbers, (r) => r.int32()),
    6: refuse("a tensor of strings"),
    7: repeated(numbers, (r) => Number(r.int64())),
    8: (r) => (tensor.name = r.string()),
    9: (r) => (tensor.raw = r.bytes()),
    10: repeated(numbers, (r) => r.double()),
    11: repeated(numbers, (r) => Number(r.uint64())),
    13: refuse("data in a file beside it"),
    14: (r) => {
      if (r.int32() !== 0) tensor.problem ??= "data in a file beside it";
    },
  });
  return { ...tensor, dims, numbers };
}

export function readValue(reader: BinaryReader, end: number, depth: number): ProtoValue {
  let name = "";
  let found: Omit<ProtoValue, "name"> = { type: undefined, shape: undefined };
  readFields(reader, end, {
    1: (r) => (name = r.string()),
    2: (r) => (found = message(r, depth, readType)),
  });
  return { name, ...found };
}

function readType(reader: BinaryReader, end: number, depth: number): Omit<ProtoValue, "name"> {
  let found: Omit<ProtoValue, "name"> = { type: undefined, shape: undefined };
  readFields(reader, end, { 1: (r) => (found = message(r, depth, readTensorType)) });
  return found;
}

function readTensorType(reader: BinaryReader, end: number, depth: number): Omit<ProtoValue, "name"> {
  let type: number | undefined;
  let shape: (number | string)[] | undefined;
  readFields(reader, end, {
    1: (r) => (type = r.int32()),
    2: (r) => (shape = message(r, depth, readShape)),
  });
  return { type, shape };
}

function readShape(reader: BinaryReader, end: number, depth: number): (number | string)[] {
  const shape: (number | string)[] = [];
  readFields(reader, end, { 1: (r) => shape.push(message(r, depth, readDimension)) });
  return shape;
}

function readDimension(reader: BinaryReader, end: number): number | string {
  let size: number | string = "";
  readFields(reader, end, { 1: (r) => (size = Number(r.int64())), 2: (r) => (size = r.string()) });
  return typeof size === "number" && size < 0 ? "" : size; // some exporters say −1 of one that may vary
}
