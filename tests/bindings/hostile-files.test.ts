/** Files that lie: refused by name, at once, by short messages. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  FormatError,
  fit,
  loadSafetensors,
  type Runtime,
  Sequential,
  ShapeError,
  saveSafetensors,
} from "../../bindings/index.js";
import { FOREIGN, fileOf } from "../helpers/files.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const entry = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
const LONGEST = 1000;

/** Refused by a FormatError that says so and is short. */
function refused(file: Uint8Array, ...texts: string[]): void {
  expectRefusal(() => loadSafetensors(file), FormatError, "safetensors: ", ...texts);
  try {
    loadSafetensors(file);
  } catch (error) {
    expect((error as Error).message.length).toBeLessThan(LONGEST);
  }
}

describe("headers", () => {
  const twice = (inner: string) => `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]${inner}}}`;
  test.each<[string, unknown, number, string]>([
    ["a tensor twice", `{"a":${JSON.stringify(entry)},"a":${JSON.stringify(entry)}}`, 4, "each name once, got one twice"],
    ["a tensor twice, once by an escape", `{"a":${JSON.stringify(entry)},"\\u0061":${JSON.stringify(entry)}}`, 4, "each name once"],
    ["metadata twice", '{"__metadata__":{},"__metadata__":{}}', 0, "each name once"],
    ["a string of metadata twice", '{"__metadata__":{"a":"b","a":"c"}}', 0, "each name once"],
    ["a type twice", twice(',"dtype":"F32"'), 4, "each name once"],
    ["offsets twice", twice(',"data_offsets":[0,4]'), 4, "each name once"],
    ["a colon in a name twice", `{"a:\\"":${JSON.stringify(entry)},"a:\\"":${JSON.stringify(entry)}}`, 4, "each name once"],
    [
      "offsets that are strings",
      { a: { ...entry, data_offsets: ["0", "4"] } },
      4,
      'a: expected 4 bytes inside the file\'s 4, got offsets ["0", "4"]',
    ],
    ["three offsets", { a: { ...entry, data_offsets: [0, 4, 4] } }, 4, "got offsets [0, 4, 4]"],
    ["one offset", { a: { ...entry, data_offsets: [0] } }, 4, "got offsets [0]"],
    ["offsets that are an object", { a: { ...entry, data_offsets: { 0: 0, 1: 4, length: 2 } } }, 4, "got offsets Object"],
    ["fractional offsets", { a: { ...entry, data_offsets: [0.5, 4.5] } }, 8, "got offsets [0.5, 4.5]"],
    ["offsets of −0", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[-0,4]}}', 4, "got offsets [-0, 4]"],
    ["offsets beyond 2**53", { a: { ...entry, data_offsets: [2 ** 53, 2 ** 53 + 4] } }, 4, "expected 4 bytes inside the file's 4"],
    [
      "offsets that JSON rounds",
      '{"a":{"dtype":"F32","shape":[0],"data_offsets":[9007199254740993,9007199254740993]}}',
      0,
      "expected 0 bytes",
    ],
    ["endless offsets", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[1e400,1e400]}}', 4, "got offsets [Infinity, Infinity]"],
    ["a shape of −0", '{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}', 0, "a: expected a shape, got [-0]"],
    ["a shape of strings", { a: { ...entry, shape: ["1"] } }, 4, 'a: expected a shape, got ["1"]'],
    [
      "a shape that overflows to nothing",
      { a: { dtype: "F32", shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] } },
      0,
      "whose product is exact",
    ],
    ["metadata of numbers", { __metadata__: { a: 1 } }, 0, "__metadata__: expected strings by name"],
    ["metadata of null", { __metadata__: { a: null } }, 0, "__metadata__: expected strings by name"],
    ["metadata in a list", { __metadata__: ["a"] }, 0, "__metadata__: expected strings by name"],
    ["metadata within metadata", { __metadata__: { a: { b: "c" } } }, 0, "__metadata__: expected strings by name"],
    ["an overlap", { a: entry, b: { ...entry, data_offsets: [2, 6] } }, 6, "b: expected data from byte 4 on, got 2"],
    ["the same data twice", { a: entry, b: entry }, 4, "b: expected data from byte 4 on, got 0"],
    ["a hole", { a: entry, b: { ...entry, data_offsets: [8, 12] } }, 12, "b: expected data from byte 4 on, got 8"],
    ["a hole at the start", { a: { ...entry, data_offsets: [4, 8] } }, 8, "a: expected data from byte 0 on, got 4"],
    ["bytes at the end", { a: entry }, 5, "expected 4 bytes of data, got 5"],
    ["data and no tensor", {}, 3, "expected 0 bytes of data, got 3"],
    ["an entry that is a list", { a: ["F32", [1], [0, 4]] }, 4, "a: expected dtype"],
    ["a byte that is no UTF-8", '{"\xff', 0, "text that does not parse"],
  ])("%s", (_, header, bytes, text) => refused(fileOf(header, bytes), text));

  test("that are deep, whole or cut off", () => {
    for (const depth of [5, 100, 1_000_000]) {
      refused(fileOf(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`), "at most 3 deep");
      refused(fileOf(`${'{"a":'.repeat(depth)}`), "at most 3 deep");
    }
  });

  test("with 15 MB where a word is expected: the message is short", () => {
    const long = "x".repeat(15_000_000);
    refused(fileOf({ [long]: { ...entry, dtype: "F8" } }, 4), "xxx");
    refused(fileOf({ [long]: { ...entry, data_offsets: [0, 8] } }, 8), "xxx");
    refused(fileOf({ [long]: { ...entry, data_offsets: [4, 8] } }, 8), "xxx");
    refused(
      fileOf({ a: { ...entry, dtype: long } }, 4),
      "a: expected dtype F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, got",
    );
    refused(fileOf({ a: { ...entry, shape: long } }, 4), "a: expected a shape");
    refused(fileOf({ a: { ...entry, shape: Array(1_000_000).fill("1") } }, 4), "a: expected a shape");
    refused(fileOf({ a: { ...entry, data_offsets: [long, long] } }, 4), "a: expected 4 bytes");
    refused(fileOf({ __metadata__: long }), "__metadata__");
  });

  test("names that JavaScript has a meaning for are names", () => {
    const header = ["__proto__", "constructor", "hasOwnProperty"].map(
      (name) => `"${name}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`,
    );
    const { tensors, metadata } = loadSafetensors(fileOf(`{"__metadata__":{"__proto__":"m"},${header.join()}}`));
    expect(Object.keys(tensors)).toEqual(["__proto__", "constructor", "hasOwnProperty"]);
    expect(Object.entries(metadata)).toEqual([["__proto__", "m"]]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
    refused(fileOf('{"__proto__":{"dtype":"F32"}}'), "__proto__: expected a shape, got undefined");
    refused(fileOf(`{"a":{"__proto__":{"dtype":"F32"}}}`), "a: expected dtype");
  });
});

test("time grows with the number of names, not with its square", () => {
  const named = (count: number) => {
    const tensor = (_: unknown, i: number) => `"layers.${i}.weight":{"dtype":"F32","shape":[1],"data_offsets":[${4 * i},${4 * i + 4}]}`;
    return fileOf(`{${Array.from({ length: count }, tensor).join()}}`, 4 * count);
  };
  const workOf = (file: Uint8Array) => {
    const before = process.cpuUsage();
    const count = Object.keys(loadSafetensors(file).tensors).length;
    const { user, system } = process.cpuUsage(before);
    return { count, work: user + system };
  };
  const [few, many] = [named(30_000), named(300_000)];
  const small = Math.min(...[1, 2, 3].map(() => workOf(few).work));
  const { count } = workOf(many);
  expect(count).toBe(300_000);
  const work = Math.min(...[1, 2, 3].map(() => workOf(many).work)); // the machine's other work counts in none of the three
  expect(work / small).toBeLessThan(32); // of ten times as many: halfway from 10 to the square's 100, by factors (28 in Node 24: objects that large are slower)
});

describe("what cannot be saved", () => {
  const data = Float32Array.of(1, 2);
  test("shapes with holes, from strings, below zero", () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is meant
    expectRefusal(() => saveSafetensors({ a: { shape: [, 2] as never, data } }), ShapeError, "a: expected a shape of 2 elements");
    expectRefusal(() => saveSafetensors({ a: { shape: ["2"] as never, data } }), ShapeError, "a: expected a shape of 2 elements");
    expectRefusal(() => saveSafetensors({ a: { shape: [-1, -2], data } }), ShapeError, "a: expected a shape of 2 elements");
    expectRefusal(() => saveSafetensors({ a: { shape: 2 as never, data } }), ShapeError, "a: expected a shape of 2 elements, got 2");
  });

  test("maps, lists, nothing", () => {
    const map = new Map([["a", { shape: [2], data }]]);
    expectRefusal(() => saveSafetensors(map as never), ArgumentError, "tensors: expected an object (Object.fromEntries(map)), got a Map");
    for (const bad of [null, undefined, [], "a", 5]) expectRefusal(() => saveSafetensors(bad as never), ArgumentError, "tensors: expected");
    for (const bad of [null, [], 5, undefined]) expectRefusal(() => saveSafetensors({ a: bad as never }), ArgumentError, "a: expected");
    for (const bad of [null, ["a"], "a"]) expectRefusal(() => saveSafetensors({}, bad as never), ArgumentError, "metadata: expected");
    expectRefusal(() => saveSafetensors({}, { a: 1 as never }), ArgumentError, "metadata.a: expected a string, got 1");
  });
});

describe("values in messages", () => {
  const cyclic: unknown[] = [1];
  cyclic.push(cyclic);
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  const hostile = new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail() });
  function fail(): never {
    throw new TypeError("not to be looked into");
  }
  const nameless = Object.assign(Object.create(null), { toString: 5 });
  test.each<[string, unknown, string]>([
    ["a list that holds itself", cyclic, "[1, an array of 2]"],
    ["an object that holds itself", ring, "Object"],
    ["a list 100,000 deep", deep, "[an array of 1]"],
    ["a list of a million", new Array(1_000_000).fill(5), "[5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, …]"],
    ["15 MB of text", "x".repeat(15_000_000), `"${"x".repeat(199)}…`],
    ["an object that throws", hostile, "an object"],
    ["an object without a prototype", nameless, "an object"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a big integer", 10n ** 400n, `${"1".padEnd(200, "0")}…`],
  ])("%s", (_, value, shown) => {
    const data = Float32Array.of(1);
    const shape = value as number[];
    expectRefusal(() => saveSafetensors({ a: { shape, data } }), ShapeError, `a: expected a shape of 1 elements, got ${shown}`);
  });
});

describe("files of other formats", () => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await testRuntime();
  });
  afterEach(() => {
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  test.each(FOREIGN)("%s is named, with its cure, at every door", async (_, start, name, cure) => {
    const model = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 2 })]);
    const loss = new CrossEntropyLoss(rt);
    const optimizer = new Adam(model.parameters());
    const before = model.parameters().map((parameter) => [...parameter.toArray()]);
    for (const length of [start.length, 5000]) {
      const bytes = new Uint8Array(Math.max(length, start.length));
      bytes.set(start);
      const texts = [`safetensors: expected a safetensors file, got ${name}`, cure] as const;
      expectRefusal(() => loadSafetensors(bytes), FormatError, ...texts);
      expectRefusal(() => model.load(bytes), FormatError, ...texts);
      const error = await fit(model, { data: [{ x: [1], y: 1 }], loss, optimizer, resume: bytes }).catch((caught) => caught);
      expect(error).toBeInstanceOf(FormatError);
      for (const text of texts) expect(error.message).toContain(text);
    }
    expect(model.parameters().map((parameter) => [...parameter.toArray()])).toEqual(before);
    for (const part of [model, loss, optimizer]) part.dispose();
  });

  test("what is no file at all", () => {
    for (const bad of [null, undefined, "weights.safetensors", 5, [], {}, new ArrayBuffer(8), new DataView(new ArrayBuffer(8))]) {
      expectRefusal(() => loadSafetensors(bad as never), ArgumentError, "bytes: expected a Uint8Array, got ");
    }
    refused(new Uint8Array(0), "expected at least 8 bytes, got 0");
    refused(fileOf(""), "does not parse");
  });

  test("a cut off file whose header's length reads as another format's beginning is not called that", () => {
    const file = fileOf("{}");
    new DataView(file.buffer).setBigUint64(0, 0x227bn, true); // {"
    refused(file, "expected a header within the file's 10 bytes, got one of 8827");
  });
});
