/** Wrong values: what may stand where a right one should. Each is named, so that a failure says what was tried. */
import { Tensor } from "../../bindings/tensor.js";
import { Mine, type World } from "./misuse-world.js";

/** A name, and a maker: values are made anew for every case. */
export type Wrong = readonly [name: string, make: () => unknown];

const cyclic = () => {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
};
const deep = () => {
  let value: object = {};
  for (let i = 0; i < 20_000; i++) value = i % 2 ? [value] : { value };
  return value;
};
const refuse = (): never => {
  throw new Mine();
};
const throwing = () => new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse, getPrototypeOf: refuse });
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Where anything may have been expected. */
const ANYTHING: readonly Wrong[] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["true", () => true],
  ["an empty string", () => ""],
  ["a word", () => "the dog"],
  ["digits", () => "3"],
  ["a long string", () => "x".repeat(100_000)],
  ["a BigInt", () => 3n],
  ["a symbol", () => Symbol("s")],
  ["a function", () => () => 3],
  ["a class", () => class Stranger {}],
  ["a Date", () => new Date(0)],
  ["a RegExp", () => /x/],
  ["a Map", () => new Map([["length", 3]])],
  ["a Promise", () => Promise.resolve(3)],
  ["a boxed number", () => Object(3)],
  ["an object with valueOf", () => ({ valueOf: () => 3 })],
  ["an empty object", () => ({})],
  ["an object without prototype", () => Object.create(null)],
  ["a frozen object", () => Object.freeze({ a: 1 })],
  ["a sealed object", () => Object.seal({ length: 3 })],
  ["a cyclic object", cyclic],
  ["a deep object", deep],
  ["a Proxy that throws", throwing],
  ["a revoked Proxy", revoked],
  ["an empty array", () => []],
  ["a sparse array", () => new Array(4)],
  ["a huge sparse array", () => new Array(2 ** 32 - 1)],
  ["an array of strings", () => ["1", "2"]],
  ["an ArrayBuffer", () => new ArrayBuffer(16)],
  ["a DataView", () => new DataView(new ArrayBuffer(16))],
  ["an object whose constructor throws", () => Object.defineProperty({}, "constructor", { get: () => throwing() })],
];

const NUMBERS: readonly Wrong[] = [
  ...[Number.NaN, Infinity, -Infinity, -0, 0, -1, 0.5, 1.5, -2.5, 1e-320, 1e300],
  ...[2 ** 31 - 0.5, 2 ** 31, 2 ** 31 + 1, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, 2 ** 53, 2 ** 53 + 2, 2 ** 63],
].map((value): Wrong => [Object.is(value, -0) ? "-0" : String(value), () => value]);

/** Lists that are not what they seem, beginning from right values. */
function lists(values: readonly unknown[], w: World): readonly Wrong[] {
  const n = values.length;
  const numbers = values.every((value) => typeof value === "number") ? (values as number[]) : Array<number>(n).fill(1);
  const withElement = (name: string, value: unknown): Wrong => [`a list with ${name}`, () => [...values.slice(0, -1), value]];
  const saying = (length: unknown): Wrong => [`a list that says length ${String(length)}`, () => ({ ...values, length })];
  let asked = 0;
  const asking = (name: string, get: () => unknown) => Object.defineProperty({ ...values, length: n }, name, { get });
  return [
    ...[0, 1, n + 1, -1, 1.5, Number.NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 53, "3", null, undefined].map(saying),
    ...(["1", null, undefined, true, 3n, [], {}, Symbol("s"), () => 1] as unknown[]).map((value) => withElement(typeof value, value)),
    ...[Number.NaN, Infinity, -Infinity, -0, 0.5, -1, 2 ** 31, 2 ** 32, 2 ** 53].map((value) => withElement(String(value), value)),
    ["a list one too short", () => values.slice(1)],
    ["a list one too long", () => [...values, values[0]]],
    ["a list twice over", () => [...values, ...values]],
    ["a nested list", () => [values]],
    ["a sparse list", () => Object.assign(new Array(n), n > 1 ? { 0: values[0] } : {})],
    ["a frozen list", () => Object.freeze([...values])],
    ["a list behind a Proxy", () => new Proxy([...values], {})],
    ["a typed array behind a Proxy", () => new Proxy(Float32Array.from(numbers), {})],
    ["a typed array without slots", () => Object.create(Float32Array.prototype)],
    ["a list without end", () => new Proxy([], { get: (_, name) => (name === "length" ? 2 ** 40 : 1) })],
    ["a list whose length grows", () => asking("length", () => n + 3 * (asked++ % 2))],
    ["a list whose length throws", () => asking("length", refuse)],
    ["a list whose first element changes", () => asking("0", () => (asked++ % 2 ? "x" : values[0]))],
    ["a list whose first element throws", () => asking("0", refuse)],
    ...typed(numbers),
    ["a view of the runtime's memory", () => w.tensor([Math.max(1, n)]).data],
  ];
}

/** Typed arrays of all kinds, whole and broken. */
function typed(numbers: readonly number[]): readonly Wrong[] {
  const kinds = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array];
  class Liar extends Float32Array {
    override get length() {
      return super.length + 3;
    }
  }
  const resizable = () => {
    const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer & { resize(bytes: number): void };
    const buffer = new Resizable(8 * numbers.length, { maxByteLength: 8 * numbers.length });
    const view = new Float64Array(buffer, 0, numbers.length);
    buffer.resize(0);
    return view;
  };
  const detached = () => {
    const view = Float32Array.from(numbers);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  };
  return [
    ...kinds.map((Kind): Wrong => [`a ${Kind.name}`, () => Kind.from(numbers)]),
    ["a BigInt64Array", () => new BigInt64Array(numbers.length)],
    ["a subclass that lies about its length", () => Liar.from(numbers)],
    ["an own length", () => Object.defineProperty(Float32Array.from(numbers), "length", { value: numbers.length + 1 })],
    ["a shared view", () => new Float64Array(new SharedArrayBuffer(8 * numbers.length))],
    ["a view that lost its place", resizable],
    ["a detached view", detached],
  ];
}

/** Tensors that are not the one that is meant. */
function tensors(right: Tensor, w: World): readonly Wrong[] {
  const { shape, dtype, size } = right;
  const shaped = (to: readonly number[]): Wrong => [`a tensor [${to}]`, () => w.tensor(to, dtype)];
  const filled = (value: number) => () =>
    w.own(w.rt.tensor(new Float64Array(size).fill(value), shape, { dtype: dtype === "f64" ? "f64" : "f32" }));
  const last = shape.at(-1) as number;
  const disposed = () => {
    const gone = w.tensor(shape, dtype);
    gone.dispose();
    return gone;
  };
  return [
    ...[[size], [1], [...shape, 1], [1, ...shape], [...shape.slice(0, -1), last + 1], [(shape[0] as number) + 1, ...shape.slice(1)]].map(
      shaped,
    ),
    ...(["f32", "f64", "i32"] as const).map((as): Wrong => [`a tensor of ${as}`, () => w.tensor(shape, as)]),
    ["a tensor of another runtime", () => w.tensor(shape, dtype, w.other)],
    ["a disposed tensor", disposed],
    ["a tensor of NaN", filled(Number.NaN)],
    ["a tensor of ∞", filled(Infinity)],
    ["tokens out of range", () => w.own(w.rt.tensor(new Int32Array(size).fill(2 ** 31 - 1), shape))],
    ["a tensor of the other layout", () => w.own(w.rt.tensor(right.toArray(), shape, { dtype, batchFirst: true }))],
    ["its own data", () => right.toArray()],
    ["what looks like a tensor", () => ({ shape, dtype, size, data: right.toArray() })],
  ];
}

/** Objects that are not what they seem. */
function objects(right: object): readonly Wrong[] {
  let asked = 0;
  const changing = () => {
    const copy = {};
    for (const [name, value] of Object.entries(right))
      Object.defineProperty(copy, name, { enumerable: true, get: () => (asked++ % 2 ? "x" : value) });
    return copy;
  };
  const isPlain = Object.getPrototypeOf(right) === Object.prototype;
  return [
    ["itself behind a Proxy", () => new Proxy(right, {})],
    ["an heir of its prototype", () => Object.create(Object.getPrototypeOf(right))],
    ["its heir", () => Object.create(right)],
    ["a shallow copy", () => ({ ...right })],
    ...(isPlain
      ? ([
          ["a surplus member", () => ({ ...right, surprise: 1 })],
          ["a surplus __proto__", () => JSON.parse('{"__proto__": {"surprise": 1}}')],
          ["changing members", changing],
          ["a list of itself", () => [right]],
          ...Object.keys(right).map(
            (name): Wrong => [`no ${name}`, () => Object.fromEntries(Object.entries(right).filter(([key]) => key !== name))],
          ),
        ] as const satisfies readonly Wrong[])
      : []),
  ];
}

/** All wrong values for the place of a right one. */
export function wrongsFor(right: unknown, w: World): readonly Wrong[] {
  if (typeof right === "number") return [...NUMBERS, ...NUMBERS, ...ANYTHING];
  if (right instanceof Tensor) return [...tensors(right, w), ...objects(right), ...ANYTHING, ...lists([1, 2], w).slice(0, 4)];
  if (Array.isArray(right) || ArrayBuffer.isView(right)) return [...lists(Array.from(right as ArrayLike<unknown>), w), ...ANYTHING];
  if (typeof right === "object" && right !== null) return [...objects(right), ...objects(right), ...ANYTHING];
  return [...ANYTHING, ...NUMBERS];
}
