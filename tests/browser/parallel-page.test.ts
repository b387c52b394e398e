/** wasm-rnn/parallel in a page, from plain files: isolated, where memory is shared, and not, where it is copied. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "../helpers/package.js";
import { launchChromium } from "./chromium.js";
import { type StaticServer, serve } from "./server.js";

const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** A model whose worker ends once on the way, over an error that nobody catches: a channel tells all workers of it. */
const FRAGILE = `
  let isOver = false;
  const channel = new BroadcastChannel("fragile");
  channel.onmessage = () => { isOver = true; };
  export default ({ rt, library: { Dense, LastStep, LSTM, Sequential } }) => {
    const model = new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 1, hiddenSize: 5 }), last: new LastStep(rt), head: new Dense(rt, { inputSize: 5, outputSize: 1 }) });
    const { forward } = model;
    let passes = 0;
    model.forward = function (...given) {
      if (!isOver && ++passes === 3) {
        channel.postMessage("over");
        setTimeout(() => { throw new TypeError("on purpose"); });
        for (const start = performance.now(); performance.now() - start < 20; );
      }
      return forward.apply(this, given);
    };
    return { model };
  };`;

/** In each page: the library, a model with its data, and the bits of its weights. */
const SETUP = `
  const lib = await import("/node_modules/wasm-rnn/dist/index.js");
  const { createPool, fitParallel, predictParallel } = await import("/node_modules/wasm-rnn/dist/parallel.js");
  const { createRuntime, Sequential, LSTM, LastStep, Dropout, Dense, MSELoss, Adam } = lib;
  const data = Array.from({ length: 22 }, (_, n) => ({ x: Float32Array.from({ length: 2 + (n % 5) }, (_, t) => Math.fround(((n * 7 + t * 3) % 11) / 11)), y: (n % 3) / 3 }));
  const made = async (dropout) => {
    const rt = await createRuntime({ build: "baseline", seed: 5 });
    const drop = dropout ? { drop: new Dropout(rt, { p: 0.25 }) } : {};
    const model = new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 1, hiddenSize: 5 }), last: new LastStep(rt), ...drop, head: new Dense(rt, { inputSize: 5, outputSize: 1 }) });
    return { rt, model, options: { data, loss: new MSELoss(rt), optimizer: new Adam(model.parameters(), { lr: 0.01 }), epochs: 3, batchSize: 10, microBatch: 3, seed: 2 } };
  };
  const bitsOf = (model) => model.parameters().flatMap((parameter) => [...new Uint32Array(parameter.toArray().buffer)]).join();
  const trained = async (workers) => {
    const pool = await createPool({ workers });
    const { rt, model, options } = await made(true);
    await fitParallel(model, { ...options, pool });
    const bits = bitsOf(model);
    rt.dispose();
    await pool.dispose();
    return { bits, shares: pool.sharesMemory };
  };`;

let installed: InstalledPackage;
let browser: Browser;

beforeAll(async () => {
  installed = installPackage();
  writeFileSync(join(installed.folder, "fragile.js"), FRAGILE);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  installed?.dispose();
});

/** The body of an asynchronous function, as text: the test runner would rewrite its imports. */
async function inPage<R>(headers: Readonly<Record<string, string>>, body: string): Promise<R> {
  const server: StaticServer = await serve(installed.folder, {}, headers);
  const page: Page = await browser.newPage();
  try {
    await page.goto(server.origin);
    return (await page.evaluate(`(async () => { ${SETUP} ${body} })()`)) as R;
  } finally {
    await page.close();
    await server.close();
  }
}

interface Trained {
  readonly bits: string;
  readonly shares: boolean;
}

let isolated: Trained[] | undefined;

describe("bits", () => {
  const BODY = "return [await trained(1), await trained(2), await trained(3)];";

  test("with shared memory they are those of one worker with 2 and 3", async () => {
    isolated = await inPage<Trained[]>(ISOLATED, BODY);
    const [one, ...more] = isolated as [Trained, ...Trained[]];
    expect(one.bits.split(",").length).toBeGreaterThan(100);
    expect(more.map(({ bits }) => bits)).toEqual([one.bits, one.bits]);
    expect(isolated.map(({ shares }) => shares)).toEqual([true, true, true]);
  });

  test("where the page is not isolated parameters and gradients are copied, to the same bits", async () => {
    const copied = await inPage<Trained[]>({}, BODY);
    expect(copied.map(({ shares }) => shares)).toEqual([false, false, false]);
    const [{ bits }] = isolated as [Trained, ...Trained[]];
    expect(copied.map((each) => each.bits)).toEqual([bits, bits, bits]);
  });
});

test.each([
  ["isolated", ISOLATED],
  ["not isolated", {}],
])("a worker that ends on the way is replaced, to the same bits (%s)", async (_, headers) => {
  const result = await inPage<{ whole: string; bits: string; replaced: [number, number] }>(
    headers,
    `
    const run = async (module) => {
      const pool = await createPool({ workers: 2 });
      const { rt, model, options } = await made(false);
      await fitParallel(model, { ...options, pool, module });
      const result = { bits: bitsOf(model), replaced: pool.replaced };
      rt.dispose();
      await pool.dispose();
      return result;
    };
    const whole = await run(undefined);
    const broken = await run({ url: new URL("/fragile.js", location.href) });
    return { whole: whole.bits, bits: broken.bits, replaced: [whole.replaced, broken.replaced] };`,
  );
  expect(result.bits).toEqual(result.whole);
  expect(result.replaced[0]).toBe(0);
  expect(result.replaced[1]).toBeGreaterThan(0);
});

test("predictions come in order, with the bits of predict, as they are asked for", async () => {
  const result = await inPage<{ same: boolean; count: number; taken: number }>(
    {},
    `
    const pool = await createPool({ workers: 2 });
    const { rt, model } = await made(false);
    const all = Array.from({ length: 100 }, (_, n) => data[n % 22].x.map((value) => value + n / 100));
    const here = await lib.predict(model, all);
    const there = [];
    for await (const each of predictParallel(model, all, { pool, batchSize: 7 })) there.push(each);
    const same = here.every(({ data }, n) => data.every((value, i) => Object.is(value, there[n].data[i])));
    let taken = 0;
    const endless = { *[Symbol.iterator]() { for (;;) { taken++; yield all[taken % 100]; } } };
    let count = 0;
    for await (const _ of predictParallel(model, endless, { pool, batchSize: 7 })) if (++count === 21) break;
    rt.dispose();
    await pool.dispose();
    return { same, count, taken };`,
  );
  expect(result.same).toBe(true);
  expect(result.count).toBe(21);
  expect(result.taken).toBeLessThanOrEqual(7 * (3 + 2 * 2 + 1)); // three batches taken, two for each worker ahead, and one on its way
});

test("a script that is missing is a WorkerError", async () => {
  const message = await inPage<[boolean, string]>(
    {},
    `
    const error = await createPool({ workers: 1, script: "/none.js" }).catch((error) => error);
    return [error instanceof lib.WorkerError, error.message];`,
  );
  expect(message).toEqual([true, expect.stringMatching(/script/)]);
});
