/** Pools whose scripts do not start, trials that give what nobody can send, and files of trials that somebody has been at. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ArgumentError, FormatError } from "../../bindings/index.js";
import { Pool } from "../../bindings/parallel/pool.js";
import type { Job } from "../../bindings/parallel/wire.js";
import { choice, createPool, crossValidate, logUniform, sweep, uniform, WorkerError } from "../../bindings/parallel.js";
import { bundledThreads } from "../helpers/parallel.js";

const threads = bundledThreads();
afterAll(() => threads.dispose());

test.each([
  ["is not there", undefined, /none\.mjs/],
  ["throws", "throw new Error('at import');", /at import/],
  ["ends", "process.exit(3);", /it ended before it was ready/],
])("a script that %s makes no pool", { timeout: 20_000 }, async (_, code, why) => {
  const script = code === undefined ? `file://${threads.folder}/none.mjs` : threads.module("bad.mjs", code);
  const error = await createPool({ workers: 2, script }).catch((error) => error);
  expect(error).toBeInstanceOf(WorkerError);
  expect(error.message).toMatch(/^the script: expected a worker to finish it, got 3 that ended over it/);
  expect(error.message).toMatch(why);
});

test("options that threads do not take are named", async () => {
  await expect(createPool({ workers: 1, threads: { execArgv: ["--nope"] } })).rejects.toThrow(
    /^threads: expected options of Node's Worker, got .*--nope/,
  );
});

test("a trial that gives what cannot be sent has failed, and no worker over it", async () => {
  await using pool = await threads.pool(1);
  const give = threads.module("give.mjs", "export default ({ what }) => ({ symbol: Symbol('a'), function: () => 1, number: 1 })[what];");
  const { trials } = await sweep({ what: choice(["symbol", "function", "number"]) }, give, { pool, trials: 9, seed: 2 });
  expect(new Set(trials.map(({ parameters }) => parameters.what)).size).toBe(3);
  for (const { parameters, error } of trials)
    if (parameters.what === "number") expect(error).toBeUndefined();
    else expect(error).toMatch(/^train: expected a finite number as its score, got (Symbol|a function|\(\) => 1)/);
  expect(pool.replaced).toBe(0);
});

test("a job that is done again knows whose parts are kept by then", async () => {
  const seen: (readonly number[])[] = [];
  let close = () => {};
  const crew = {
    async run({ live }: Job) {
      seen.push(live);
      if (seen.length > 1) return { value: 1 };
      pool.open(pool.part(new Uint8Array(1))); // another run begins
      close();
      throw new WorkerError("gone");
    },
    end: async () => {},
  };
  const pool = new Pool(crew, 1, 3);
  close = pool.open(pool.part(new Uint8Array(1)));
  await pool.run(pool.job("gradients", [], undefined), "a part");
  expect(seen).toEqual([[1], [2]]);
});

test("ranges keep their bounds, and doors what is none of theirs", async () => {
  const { best } = await sweep({ rate: logUniform(0.1, 0.1) }, ({ rate }) => Number(rate), { trials: 1 });
  expect(best.score).toBe(0.1);
  const one = { a: uniform(0, 1) };
  await expect(sweep(one, () => 1, { trials: 1, onTrial: 5 as never })).rejects.toThrow(/^onTrial: expected a function, got 5/);
  await expect(crossValidate(4, () => 1, { folds: 2, shuffle: false, seed: Number.NaN })).rejects.toThrow(/^seed: /);
  await expect(crossValidate(4, () => 1, { folds: 2, parameters: 5 as never })).rejects.toThrow(/^parameters: expected settings by name/);
});

test("a fold that has failed is tried again from its file; a file that is none says so", async () => {
  const file = join(threads.folder, "folds.json");
  let isWhole = false;
  const tried: number[] = [];
  const train = (_: unknown, { fold }: { fold?: { index: number } }) => {
    tried.push(fold?.index ?? -1);
    if (!isWhole && fold?.index === 1) throw new Error("the disk is full");
    return 2;
  };
  const again = () => crossValidate(4, train, { folds: 2, file });
  await expect(again()).rejects.toThrow("none of fold 1: the disk is full");
  isWhole = true;
  expect((await again()).scores).toEqual([2, 2]);
  expect(tried).toEqual([0, 1, 1]);
  const saved = JSON.parse(readFileSync(file, "utf8"));
  for (const change of [{ plan: undefined }, { done: saved.done.map((each: object) => ({ ...each, score: null })) }]) {
    writeFileSync(file, JSON.stringify({ ...saved, ...change }));
    await expect(again()).rejects.toThrow(FormatError);
  }
  writeFileSync(file, JSON.stringify({ ...saved, plan: {} }));
  await expect(again()).rejects.toThrow(ArgumentError);
});
