/** Small files of ONNX for tests. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ELEMENT_TYPES } from "../../bindings/onnx/element-types.js";

type Shape = readonly (number | string)[];
export interface TestTensor {
  type: string;
  shape: readonly number[];
  data: ArrayLike<number>;
}
export type TestAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { f: number }
  | { i: number }
  | { floats: readonly number[] }
  | { tensor: TestTensor }
  | { graph: TestGraph };
export type TestNode = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, TestAttribute>>,
];
export interface TestGraph {
  inputs?: readonly (readonly [string, string, Shape])[];
  outputs: readonly (readonly [string, string, Shape?])[];
  nodes: readonly TestNode[];
  initializers?: Readonly<Record<string, TestTensor>>;
}
const part = (w: BinaryWriter, field: number, fill: (w: BinaryWriter) => void) => {
  w.tag(field, WireType.LengthDelimited).fork();
  fill(w);
  w.join();
};
const text = (w: BinaryWriter, field: number, value: string) => w.tag(field, WireType.LengthDelimited).string(value);
const int = (w: BinaryWriter, field: number, value: number) => w.tag(field, WireType.Varint).int64(value);
const code = (type: string) => (ELEMENT_TYPES as readonly string[]).indexOf(type);
function tensor(w: BinaryWriter, name: string, { type, shape, data }: TestTensor) {
  for (const d of shape) int(w, 1, d);
  int(w, 2, code(type));
  text(w, 8, name);
  const kinds: Record<string, (values: ArrayLike<number>) => ArrayBufferView> = {
    float32: (v) => Float32Array.from(v),
    float64: (v) => Float64Array.from(v),
    int32: (v) => Int32Array.from(v),
    int64: (v) => BigInt64Array.from([...Array.from(v)].map(BigInt)),
    bool: (v) => Uint8Array.from(v),
  };
  const array = (kinds[type] as (v: ArrayLike<number>) => ArrayBufferView)(data);
  w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}
function value(w: BinaryWriter, name: string, type: string, shape?: Shape) {
  text(w, 1, name);
  part(w, 2, (t) =>
    part(t, 1, (u) => {
      int(u, 1, code(type));
      if (shape)
        part(u, 2, (s) => {
          for (const d of shape) part(s, 1, (x) => (typeof d === "number" ? int(x, 1, d) : text(x, 2, d)));
        });
    }),
  );
}
function attribute(w: BinaryWriter, name: string, a: TestAttribute) {
  text(w, 1, name);
  const kind = (k: number) => int(w, 20, k);
  if (typeof a === "string") {
    text(w, 4, a);
    kind(3);
  } else if (typeof a === "number") {
    if (Number.isInteger(a)) {
      int(w, 3, a);
      kind(2);
    } else {
      w.tag(2, WireType.Bit32).float(a);
      kind(1);
    }
  } else if (Array.isArray(a)) {
    for (const item of a as (number | string)[]) typeof item === "number" ? int(w, 8, item) : text(w, 9, item);
    kind(typeof a[0] === "string" ? 8 : 7);
  } else {
    const o = a as { f?: number; i?: number; floats?: number[]; tensor?: TestTensor; graph?: TestGraph };
    if (o.f !== undefined) {
      w.tag(2, WireType.Bit32).float(o.f);
      kind(1);
    }
    if (o.i !== undefined) {
      int(w, 3, o.i);
      kind(2);
    }
    if (o.floats) {
      for (const f of o.floats) w.tag(7, WireType.Bit32).float(f);
      kind(6);
    }
    if (o.tensor) {
      const t = o.tensor;
      part(w, 5, (x) => tensor(x, "", t));
      kind(4);
    }
    if (o.graph) {
      const g = o.graph;
      part(w, 6, (x) => graph(x, g));
      kind(5);
    }
  }
}
function graph(w: BinaryWriter, { inputs = [], outputs, nodes, initializers = {} }: TestGraph) {
  for (const [op, ins, outs, attributes = {}] of nodes)
    part(w, 1, (n) => {
      for (const i of ins) text(n, 1, i);
      for (const o of outs) text(n, 2, o);
      text(n, 4, op);
      for (const [k, v] of Object.entries(attributes)) part(n, 5, (x) => attribute(x, k, v));
    });
  text(w, 2, "g");
  for (const [name, t] of Object.entries(initializers)) part(w, 5, (x) => tensor(x, name, t));
  for (const [name, type, shape] of inputs) part(w, 11, (x) => value(x, name, type, shape));
  for (const [name, type, shape] of outputs) part(w, 12, (x) => value(x, name, type, shape));
}
export function onnxModel({ opset = 17, ...g }: TestGraph & { opset?: number }): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter();
  int(w, 1, 8);
  part(w, 7, (x) => graph(x, g));
  part(w, 8, (x) => {
    text(x, 1, "");
    int(x, 2, opset);
  });
  return w.finish();
}
