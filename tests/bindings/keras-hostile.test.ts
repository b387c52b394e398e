/** Files of Keras and TensorFlow.js that lie: refused as such at once, and nothing is left of them. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FormatError, type Model, type Runtime } from "../../bindings/index.js";
import { readZip } from "../../bindings/io/zip.js";
import { loadKeras, loadTFJS } from "../../bindings/keras.js";
import { expectRejection } from "../helpers/refusal.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { sweep } from "../helpers/sweep.js";

const golden = JSON.parse(readFileSync(new URL("../golden/keras-files.json", import.meta.url), "utf8")) as {
  cases: { name: string; file: string }[];
};
const files = golden.cases.map(({ name, file }) => ({ name, bytes: new Uint8Array(inflateSync(Buffer.from(file, "base64"))) }));
const [archive, , h5] = files.map(({ bytes }) => bytes) as [Uint8Array, Uint8Array, Uint8Array];
const LONGEST_MS = 1000;
const MUTATIONS = sweep(10_000);

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

/** mulberry32: the next of [0, 1). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A model, or a FormatError of a few lines, within a second; no byte is left. Whether there was a model. */
async function survives(load: () => Promise<Model>, label: string): Promise<boolean> {
  const before = rt.bytesInUse;
  const start = performance.now();
  let made = false;
  try {
    (await load()).dispose();
    made = true;
  } catch (error) {
    if (!(error instanceof FormatError)) expect.fail(`${label}: ${(error as Error).stack}`);
    if (error.message.length > 20_000) expect.fail(`${label}: ${error.message.length} characters`);
  }
  const took = performance.now() - start;
  if (took > LONGEST_MS) expect.fail(`${label}: ${took} ms`);
  if (rt.bytesInUse !== before) expect.fail(`${label}: ${rt.bytesInUse - before} bytes left`);
  return made;
}

const VALUES = [0, 1, 2, 0x7f, 0x80, 0xff];

function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice();
  const count = 1 + Math.floor(random() * 4);
  for (let i = 0; i < count; i++) {
    const value = random() < 0.5 ? (VALUES[Math.floor(random() * VALUES.length)] as number) : Math.floor(random() * 256);
    copy[Math.floor(random() * copy.length)] = value;
  }
  return copy;
}

/** Places where a file may end: all of the first, and of the last, bytes, and some between. */
function* ends(length: number): Iterable<number> {
  for (let at = 0; at < length; at += at < 3000 || at > length - 200 ? 1 : 13) yield at;
}

/** Text of 32 in place of a chunk's compression: what is mutated is what is read. */
function stored(bytes: Uint8Array): Uint8Array {
  const members = [...readZip(bytes, "keras")].map(([name, member]) => [name, [member.read(), { level: 0 }]] as const);
  return zipSync(Object.fromEntries(members) as never);
}

describe("Keras", () => {
  test.each([
    ["h5", h5],
    ["archive", archive],
  ])("%s: cut off anywhere", { timeout: 120_000 }, async (name, bytes) => {
    for (const end of ends(bytes.length)) {
      const made = await survives(() => loadKeras(rt, bytes.slice(0, end)), `${name} of ${end} bytes`);
      if (made) expect(end, "a model of half a file").toBeGreaterThan(bytes.length - 1024); // what no array lies in
    }
  });

  /** Where a superblock of version 0 says that the root's object header and its B-tree are. */
  const [ROOT, TREE] = [64, 80];
  const treeOf = (view: DataView) => Number(view.getBigUint64(TREE, true));

  test.each<[string, (view: DataView, root: number) => void, string]>([
    [
      "a B-tree that is its own child",
      (view) => {
        const tree = treeOf(view);
        view.setUint8(tree + 5, 1);
        view.setBigUint64(tree + 32, BigInt(tree), true);
      },
      "expected a node of level 0",
    ],
    ["a B-tree without an end", (view) => view.setUint8(treeOf(view) + 5, 255), "expected TREE"],
    [
      "a header that goes on in itself",
      (view, root) => {
        view.setUint16(root + 16, 0x10, true);
        view.setBigUint64(root + 24, BigInt(root + 16), true);
        view.setBigUint64(root + 32, BigInt(view.getUint32(root + 8, true)), true);
      },
      "got loops",
    ],
    [
      "a group that contains itself",
      (view, root) => {
        const leaf = Number(view.getBigUint64(treeOf(view) + 32, true));
        view.setBigUint64(leaf + 8 + 8, BigInt(root), true);
      },
      "got 6 that are not",
    ],
    ["a root beyond the file", (view) => view.setBigUint64(ROOT, 2n ** 60n, true), "got a file of"],
    ["a superblock of tomorrow", (view) => view.setUint8(8, 9), "superblock of version 0 to 3, got 9"],
  ])("h5: %s", async (_, change, text) => {
    const bytes = h5.slice();
    const view = new DataView(bytes.buffer);
    change(view, Number(view.getBigUint64(ROOT, true)));
    await survives(() => loadKeras(rt, bytes), text);
    await expectRejection(loadKeras(rt, bytes), FormatError, text);
  });

  test("archive: a name twice, and a size that lies", async () => {
    const members = { "config.json": new Uint8Array(5000), "metadata.json": new Uint8Array(3) };
    const bytes = zipSync(members);
    const view = new DataView(bytes.buffer);
    const directory = view.getUint32(bytes.length - 22 + 16, true);
    const sized = (size: number) => {
      const copy = bytes.slice();
      new DataView(copy.buffer).setUint32(directory + 24, size, true);
      return copy;
    };
    await expectRejection(loadKeras(rt, sized(4999)), FormatError, '"config.json": expected 4999 bytes, got more');
    await expectRejection(loadKeras(rt, sized(5001)), FormatError, '"config.json": expected 5001 bytes, got 5000');
    await expectRejection(loadKeras(rt, sized(2 ** 31)), FormatError, "expected a size that");
    const bomb = zipSync({ "config.json": new Uint8Array(2 ** 26) });
    await survives(() => loadKeras(rt, bomb), "a bomb");
    await expectRejection(loadKeras(rt, bomb), FormatError, "bytes of config.json, got 67108864");
    const twice = zipSync({ "config.json": new Uint8Array(3), "CONFIG.json": new Uint8Array(3) });
    const text = new TextDecoder("latin1").decode(twice);
    twice.set(new TextEncoder().encode("config.json"), text.lastIndexOf("CONFIG.json"));
    await expectRejection(loadKeras(rt, twice), FormatError, 'expected each name once, got "config.json" twice');
  });

  test(`h5: ${MUTATIONS} mutations`, { timeout: 240_000 }, async () => {
    const random = seeded(1);
    let made = 0;
    for (let i = 0; i < MUTATIONS; i++) made += Number(await survives(() => loadKeras(rt, mutated(h5, random)), `seed 1, mutation ${i}`));
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(MUTATIONS);
  });

  test(`archive: ${MUTATIONS} mutations`, { timeout: 240_000 }, async () => {
    const random = seeded(2);
    const members = [...readZip(archive, "keras")].map(([name, member]) => [name, member.read()] as const);
    for (let i = 0; i < MUTATIONS; i++) {
      const victim = Math.floor(random() * 4); // one of the three, or the archive itself
      const made = members.map(([name, data], k) => [name, [k === victim ? mutated(data, random) : data, { level: 0 }]] as const);
      const bytes = victim < 3 ? zipSync(Object.fromEntries(made) as never) : mutated(stored(archive), random);
      await survives(() => loadKeras(rt, bytes), `seed 2, mutation ${i}`);
    }
  });
});

const LSTM = {
  name: "lstm",
  units: 2,
  activation: "tanh",
  recurrent_activation: "sigmoid",
  use_bias: true,
  return_sequences: true,
};
const spec = (name: string, shape: number[], quantization?: object) => ({
  name,
  shape,
  dtype: "float32",
  ...(quantization && { quantization }),
});
const specs = [
  spec("lstm/kernel", [3, 8]),
  spec("lstm/recurrent_kernel", [2, 8]),
  spec("lstm/bias", [8]),
  spec("dense/kernel", [2, 2], { dtype: "uint8", scale: 0.1, min: -1 }),
  spec("dense/bias", [2], { dtype: "float16" }),
];
const SHARDS = 4 * (24 + 16 + 8) + 4 + 4;
const layer = (className: string, config: object) => ({ class_name: className, config });
const model = (layers: object[], weights: object[] = specs) => ({
  modelTopology: {
    keras_version: "tfjs-layers 4.22.0",
    model_config: { class_name: "Sequential", config: { name: "sequential", layers } },
  },
  weightsManifest: [{ paths: ["a.bin"], weights }],
});
const whole = model([
  layer("LSTM", { ...LSTM, batch_input_shape: [null, 5, 3] }),
  layer("Dense", { name: "dense", units: 2, activation: "softmax", use_bias: true }),
]);
const shards = Uint8Array.from({ length: SHARDS }, (_, i) => (i * 37) % 61);

describe("TensorFlow.js", () => {
  test("the file itself is one", async () => {
    const made = await loadTFJS(rt, whole, shards);
    const dense = made
      .namedParameters()
      .find(([name]) => name === "dense.weight")?.[1]
      .toArray() as Float32Array;
    const q = shards.subarray(192, 196);
    for (const [at, [i, o]] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ].entries()) // [O, I] of [I, O]
      expect(dense[at]).toBeCloseTo((q[(i as number) * 2 + (o as number)] as number) * 0.1 - 1, 6);
    made.dispose();
  });

  test("shards of another length", async () => {
    for (let end = 0; end < SHARDS; end++)
      await expectRejection(loadTFJS(rt, whole, shards.slice(0, end)), FormatError, "shards: expected");
    await expectRejection(loadTFJS(rt, whole, new Uint8Array(SHARDS + 1)), FormatError, `expected ${SHARDS} bytes`);
  });

  test("model.json cut off anywhere", async () => {
    const text = JSON.stringify(whole);
    for (let end = 0; end < text.length; end++)
      await expectRejection(loadTFJS(rt, text.slice(0, end), shards), FormatError, "model.json: expected");
  });

  test(`model.json: ${MUTATIONS} mutations`, { timeout: 240_000 }, async () => {
    const random = seeded(3);
    const text = new TextEncoder().encode(JSON.stringify(whole));
    let made = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const bytes = text.slice();
      const at = Math.floor(random() * bytes.length);
      const digits = [...text.keys()].filter((k) => (text[k] as number) >= 0x30 && (text[k] as number) <= 0x39);
      if (random() < 0.5) bytes[digits[Math.floor(random() * digits.length)] as number] = 0x30 + Math.floor(random() * 10);
      else bytes[at] = 0x20 + Math.floor(random() * 0x5f);
      made += Number(await survives(() => loadTFJS(rt, bytes, shards), `seed 3, mutation ${i}`));
    }
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(MUTATIONS);
  });

  test.each<[string, object, string]>([
    ["a shape that overflows", model([], [spec("a", [2 ** 30, 2 ** 30])]), "expected"],
    ["a negative size", model([], [spec("a", [-1])]), "expected a shape"],
    [
      "a path out of the folder",
      { ...whole, weightsManifest: [{ paths: ["../../etc/passwd"], weights: specs }] },
      "paths of shards beside it",
    ],
    [
      "a path to elsewhere",
      { ...whole, weightsManifest: [{ paths: ["https://example.org/a"], weights: specs }] },
      "paths of shards beside it",
    ],
    [
      "a path out of the folder, behind a mark of it",
      { ...whole, weightsManifest: [{ paths: ["././../etc/passwd"], weights: specs }] },
      "paths of shards beside it",
    ],
    [
      "a path from the root, behind a mark of the folder",
      { ...whole, weightsManifest: [{ paths: [".//etc/passwd"], weights: specs }] },
      "paths of shards beside it",
    ],
    ["a million layers", model(Array.from({ length: 1001 }, (_, i) => layer("Flatten", { name: `l${i}` }))), "1 … 1000 layers"],
    ["a name twice", model([layer("LSTM", LSTM), layer("LSTM", LSTM)]), "a name for each layer alone"],
    ["a name that objects have", model([layer("LSTM", { ...LSTM, name: "__proto__" })]), "expected"],
    ["units that the weights are not for", model([layer("LSTM", { ...LSTM, units: 3 })]), "expected kernel [*, 12], got [3, 8]"],
    ["units beyond all memory", model([layer("LSTM", { ...LSTM, units: 2 ** 31 - 1 })]), "expected kernel"],
    ["units that are no number", model([layer("LSTM", { ...LSTM, units: "2" })]), "units: expected a positive integer"],
    [
      "code of its own, which is not run",
      model([layer("Lambda", { name: "lstm", function: ["4wEAAAA=", null, null] })]),
      "lstm (Lambda): this class of layer",
    ],
    ["a class of the prototype", model([layer("constructor", { name: "lstm" })]), "constructor"],
    ["a graph model", { format: "graph-model", modelTopology: {}, weightsManifest: [] }, "a graph model"],
  ])("%s", async (_, json, text) => {
    const before = rt.bytesInUse;
    const length = JSON.stringify(json).includes("lstm/kernel") ? SHARDS : 0;
    await expectRejection(loadTFJS(rt, json, shards.slice(0, length)), FormatError, text);
    expect(rt.bytesInUse).toBe(before);
  });

  test("a graph that goes in circles", async () => {
    const call = (name: string) => [[[name, 0, 0, {}]]];
    const node = (name: string, reads: string) => ({ ...layer("Flatten", { name }), name, inbound_nodes: call(reads) });
    const config = { layers: [node("a", "b"), node("b", "a")], input_layers: [["a", 0, 0]], output_layers: [["b", 0, 0]] };
    const json = { modelTopology: { model_config: { class_name: "Functional", config } }, weightsManifest: [{ paths: [], weights: [] }] };
    await expectRejection(loadTFJS(rt, json, new Uint8Array(0)), FormatError, "without circles");
  });
});
