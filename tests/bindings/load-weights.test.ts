/** Weights from streams: any cut into chunks gives the same, and a stream that breaks off, lies or goes on loads nothing. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Dense, FormatError, LSTM, loadWeights, type Runtime, Sequential, saveSafetensors, WasmRnnError } from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";
import { sweep } from "../helpers/sweep.js";

const MUTATIONS = sweep(10_000);

const modelOf = (rt: Runtime) =>
  new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 2 }), head: new Dense(rt, { inputSize: 2, outputSize: 3 }) });

/** Chunks of such a size; the same memory again for each, as some streams do. */
async function* cut(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const own = new Uint8Array(size);
  for (let at = 0; at < file.length; at += size) {
    const part = file.subarray(at, at + size);
    own.set(part);
    yield own.subarray(0, part.length);
    own.fill(0xee);
  }
}

test.each(["F64", "F32", "F16", "BF16"] as const)("%s, in chunks of every size", async (dtype) => {
  const rt = await testRuntime({ dtype: "f32" });
  const [from, to, expected] = [modelOf(rt), modelOf(rt), modelOf(rt)];
  const file = from.save({}, { dtype });
  expected.load(file);
  const inUse = rt.bytesInUse;
  for (const size of [1, 2, 3, 5, 7, 8, 13, 64, 1000, file.length]) {
    for (const parameter of to.parameters()) parameter.update((values) => values.fill(9));
    expect(await loadWeights(to, cut(file, size))).toEqual({ missing: [], unexpected: [] });
    expect(to.stateDict()).toEqual(expected.stateDict());
  }
  expect(rt.bytesInUse).toBe(inUse);
  rt.dispose();
});

test("bytes, a Blob, a Response, a ReadableStream, a path, a URL of a file; a bare layer, renamed", async () => {
  const rt = await testRuntime({ dtype: "f32" });
  const [from, to] = [modelOf(rt), modelOf(rt)];
  const file = from.save();
  const folder = await mkdtemp(join(tmpdir(), "weights-"));
  const path = join(folder, "a.safetensors");
  writeFileSync(path, file);
  const sources = [file, new Blob([file]), new Response(file), new Blob([file]).stream(), path, new URL(`file://${path}`)];
  for (const source of sources) {
    for (const parameter of to.parameters()) parameter.update((values) => values.fill(9));
    await loadWeights(to, source as never);
    expect(to.stateDict()).toEqual(from.stateDict());
  }
  const head = new Dense(rt, { inputSize: 2, outputSize: 3 });
  await loadWeights(head, path, { rename: (name) => (name.startsWith("head.") ? name.slice(5) : undefined) });
  expect(head.stateDict().weight).toEqual(from.stateDict()["head.weight"]);
  await expect(loadWeights(to, new Response("no", { status: 404 }))).rejects.toThrow("got status 404");
  await expect(loadWeights(to, join(folder, "none"))).rejects.toThrow("ENOENT");
  await expect(loadWeights(to, 7 as never)).rejects.toThrow("source: expected");
  await rm(folder, { recursive: true });
  rt.dispose();
});

test("cut off at every byte, gone on, broken, altered: nothing is loaded and nothing stays allocated", async () => {
  const rt = await testRuntime({ dtype: "f32" });
  const to = modelOf(rt);
  const file = modelOf(rt).save();
  const [before, inUse] = [to.stateDict(), rt.bytesInUse];
  for (let length = 0; length < file.length; length++)
    await expect(loadWeights(to, cut(file.subarray(0, length), 64))).rejects.toThrow(FormatError);
  await expect(loadWeights(to, cut(Uint8Array.of(...file, 0), 64))).rejects.toThrow("bytes of data, got more");
  const broken = async function* () {
    yield file.slice(0, -8);
    throw new RangeError("the line is dead");
  };
  await expect(loadWeights(to, broken())).rejects.toThrow(RangeError);
  const huge = saveSafetensors({ x: { shape: [1], data: Float32Array.of(1) } });
  new DataView(huge.buffer).setBigUint64(0, 99_999_999n, true); // a header that never comes
  await expect(loadWeights(to, cut(huge, 16))).rejects.toThrow(FormatError);
  expect(to.stateDict()).toEqual(before);
  expect(rt.bytesInUse).toBe(inUse);
  rt.dispose();
});

test(`${MUTATIONS} mutated files: loaded, or refused by the package's own errors`, async () => {
  const rt = await testRuntime({ dtype: "f32" });
  const to = new Dense(rt, { inputSize: 2, outputSize: 1 });
  const file = saveSafetensors(new Dense(rt, { inputSize: 2, outputSize: 1 }).stateDict());
  const inUse = rt.bytesInUse;
  let seed = 1;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  let refused = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const bad = file.slice(0, next(8) === 0 ? next(file.length) : file.length);
    for (let n = next(4); n >= 0 && bad.length > 0; n--) bad[next(bad.length)] = next(256);
    await loadWeights(to, bad).catch((error) => {
      refused++;
      if (!(error instanceof WasmRnnError)) throw error;
    });
  }
  expect(refused).toBeGreaterThan(MUTATIONS / 2);
  expect(rt.bytesInUse).toBe(inUse);
  rt.dispose();
});

test("the model's end while the weights come", async () => {
  const rt = await testRuntime({ dtype: "f32" });
  const to = modelOf(rt);
  const file = to.save();
  const source = async function* () {
    yield file.slice(0, -8);
    to.dispose();
    yield file.slice(-8);
  };
  await expect(loadWeights(to, source())).rejects.toThrow("disposed");
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});
