/** An ONNX model of one recurrent layer, from PyTorch's weights: gate order i o f c (ONNX) from i f g o, z r h from r z n. */
import protobuf from "protobufjs";
import type { Kind, Size, Weights } from "./contender.js";

// The few messages of onnx.proto3 that such a model needs, with its field numbers.
const { root } = protobuf.parse(`
syntax = "proto3";
message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; int32 type = 20; repeated int64 ints = 8; }
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { int64 dim_value = 1; string dim_param = 2; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorType tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; string domain = 7; }
message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
`);
const Model = root.lookupType("ModelProto");

const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;
/** Where ONNX's gates stand in PyTorch's order. */
const ORDER = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], rnn: [0] };

/** @returns a file; inputs X [T,N,I], h0 [1,N,H] and (LSTM) c0; outputs Y [T,1,N,H], hn and (LSTM) cn */
export function onnxModel(kind: Kind, { T, N, I, H }: Size, weights: Weights): Uint8Array {
  const gates = ORDER[kind];
  const reorder = (data: Float32Array, width: number) =>
    Float32Array.from(gates.flatMap((g) => [...data.subarray(g * H * width, (g + 1) * H * width)]));
  const W = tensor("W", [1, gates.length * H, I], reorder(weights.wih, I));
  const R = tensor("R", [1, gates.length * H, H], reorder(weights.whh, H));
  const B = tensor("B", [1, 2 * gates.length * H], Float32Array.from([...reorder(weights.bih, 1), ...reorder(weights.bhh, 1)]));
  const states = kind === "lstm" ? ["h", "c"] : ["h"];
  const node = {
    input: ["X", "W", "R", "B", "", ...states.map((s) => `${s}0`)],
    output: ["Y", ...states.map((s) => `${s}n`)],
    opType: kind.toUpperCase(),
    attribute: [
      { name: "hidden_size", i: H, type: ATTRIBUTE_INT },
      ...(kind === "gru" ? [{ name: "linear_before_reset", i: 1, type: ATTRIBUTE_INT }] : []), // PyTorch's form
    ],
  };
  const graph = {
    name: kind,
    node: [node],
    initializer: [W, R, B],
    input: [value("X", [T, N, I]), ...states.map((s) => value(`${s}0`, [1, N, H]))],
    output: [value("Y", [T, 1, N, H]), ...states.map((s) => value(`${s}n`, [1, N, H]))],
  };
  const model = { irVersion: 8, producerName: "wasm-rnn bench", graph, opsetImport: [{ domain: "", version: 14 }] };
  return Model.encode(Model.fromObject(model)).finish();
}

/**
 * A file of ONNX Runtime's own LSTM with int8 weights, DynamicQuantizeLSTM, a scale for each gate's unit; activations are rounded on the way.
 *
 * @returns a file; inputs and outputs as of onnxModel
 */
export function dynamicQuantizeLstm({ T, N, I, H }: Size, weights: Weights): Uint8Array {
  const gates = ORDER.lstm;
  const ordered = (data: Float32Array, width: number) =>
    Float32Array.from(gates.flatMap((g) => [...data.subarray(g * H * width, (g + 1) * H * width)]));
  const matrix = (name: string, data: Float32Array, K: number) => {
    const own = ordered(data, K);
    const rows = Array.from({ length: 4 * H }, (_, j) => own.subarray(j * K, (j + 1) * K));
    const scales = Float32Array.from(rows, (row) => Math.max(...row.map(Math.abs)) / 127);
    const codes = Int8Array.from({ length: K * 4 * H }, (_, i) => {
      const [k, j] = [Math.floor(i / (4 * H)), i % (4 * H)];
      return Math.round((rows[j]?.[k] as number) / (scales[j] as number));
    });
    return [
      { name, dims: [1, K, 4 * H], dataType: INT8, rawData: new Uint8Array(codes.buffer) },
      tensor(`${name}_scale`, [1, 4 * H], scales),
      { name: `${name}_zero`, dims: [1, 4 * H], dataType: INT8, rawData: new Uint8Array(4 * H) },
    ];
  };
  const B = tensor("B", [1, 8 * H], Float32Array.from([...ordered(weights.bih, 1), ...ordered(weights.bhh, 1)]));
  const node = {
    input: ["X", "W", "R", "B", "", "h0", "c0", "", "W_scale", "W_zero", "R_scale", "R_zero"],
    output: ["Y", "hn", "cn"],
    opType: "DynamicQuantizeLSTM",
    domain: "com.microsoft",
    attribute: [{ name: "hidden_size", i: H, type: ATTRIBUTE_INT }],
  };
  const graph = {
    name: "int8",
    node: [node],
    initializer: [...matrix("W", weights.wih, I), ...matrix("R", weights.whh, H), B],
    input: [value("X", [T, N, I]), value("h0", [1, N, H]), value("c0", [1, N, H])],
    output: [value("Y", [T, 1, N, H]), value("hn", [1, N, H]), value("cn", [1, N, H])],
  };
  const opsetImport = [
    { domain: "", version: 14 },
    { domain: "com.microsoft", version: 1 },
  ];
  return Model.encode(Model.fromObject({ irVersion: 8, producerName: "wasm-rnn bench", graph, opsetImport })).finish();
}

/** An attribute of a node: one integer, or several. */
export interface Attribute {
  readonly name: string;
  readonly i?: number;
  readonly ints?: readonly number[];
}

interface OneNode {
  readonly shapes: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly attributes?: readonly Attribute[];
  readonly integers?: readonly { readonly data: readonly number[]; readonly shape: readonly number[] }[];
}

/** @returns a file of one operator; inputs x0, x1, … of f32, integers as initializers behind them, output y */
export function oneNode(opType: string, { shapes, output, attributes = [], integers = [] }: OneNode): Uint8Array {
  const constants = integers.map(({ data, shape }, i) => ({
    name: `n${i}`,
    dims: shape,
    dataType: INT64,
    rawData: new Uint8Array(BigInt64Array.from(data.map(BigInt)).buffer),
  }));
  const node = {
    input: [...shapes.map((_, i) => `x${i}`), ...constants.map(({ name }) => name)],
    output: ["y"],
    opType,
    attribute: attributes.map((each) => ({ ...each, type: each.ints ? ATTRIBUTE_INTS : ATTRIBUTE_INT })),
  };
  const graph = {
    ...{ name: opType, node: [node], initializer: constants },
    ...{ input: shapes.map((shape, i) => value(`x${i}`, shape)), output: [value("y", output)] },
  };
  return Model.encode(
    Model.fromObject({ irVersion: 8, producerName: "wasm-rnn bench", graph, opsetImport: [{ domain: "", version: 14 }] }),
  ).finish();
}

function tensor(name: string, dims: readonly number[], data: Float32Array): object {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(data.buffer) };
}

function value(name: string, dims: readonly number[]): object {
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}
