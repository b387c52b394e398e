/** Products, convolutions, pooling and normalization of ONNX beside onnxruntime's, over geometries drawn at random. */
import { InferenceSession, Tensor as Theirs } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../bindings/index.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { KINDS, modelOf, type ProductCase, randomOf } from "../helpers/onnx-products.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

async function theirs(one: ProductCase, bytes: Uint8Array) {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [
      name,
      new Theirs("float32", one.inputs[name]?.data as Float32Array, one.inputs[name]?.shape as number[]),
    ]),
  );
  const results = await session.run(feeds);
  const y = results[session.outputNames[0] as string] as Theirs;
  await session.release();
  return { shape: [...y.dims], data: y.data as Float32Array };
}

async function ours(one: ProductCase, bytes: Uint8Array) {
  const session = await loadOnnx(rt, bytes);
  const feeds = Object.fromEntries(
    session.inputs.map(({ name }) => [name, rt.tensor(one.inputs[name]?.data as Float32Array, one.inputs[name]?.shape as number[])]),
  );
  await session.run(feeds);
  const y = Object.values(await session.run(feeds))[0];
  const result = { shape: [...(y?.shape ?? [])], data: y?.toArray() as Float32Array };
  session.dispose();
  for (const feed of Object.values(feeds)) feed.dispose();
  return result;
}

describe.each(Object.entries(KINDS))("%s", (name, draw) => {
  test("gives what onnxruntime gives", async () => {
    const seed = printedSeed(name);
    const random = randomOf(seed);
    for (let i = 0; i < 60; i++) {
      const one = draw(random);
      const bytes = modelOf(one, i % 3 === 2);
      let expected: Awaited<ReturnType<typeof theirs>>;
      try {
        expected = await theirs(one, bytes);
      } catch (error) {
        if (/NOT_IMPLEMENTED|padding values must be non-negative/.test(String(error))) continue;
        throw new Error(`${one.label}: ${error}`);
      }
      const got = await ours(one, bytes);
      expect(got.shape, one.label).toEqual(expected.shape);
      const most = Math.max(...expected.data.map(Math.abs), 1);
      for (const [k, value] of expected.data.entries())
        expect(Math.abs((got.data[k] as number) - value), `${one.label} [${k}]`).toBeLessThan(2e-5 * most);
    }
  });
});
