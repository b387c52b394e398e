/** Sweeps and cross-validation: the same results from the same seed, over workers or here, in one go or in two. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ArgumentError, FormatError } from "../../bindings/index.js";
import { choice, crossValidate, integer, logUniform, type Pool, sweep, type Trial, uniform } from "../../bindings/parallel.js";
import { bundledThreads, type Threads } from "../helpers/parallel.js";

let threads: Threads;
let pool: Pool;
beforeAll(async () => {
  threads = bundledThreads();
  pool = await threads.pool(2);
}, 60_000);
afterAll(async () => {
  await pool.dispose();
  threads.dispose();
});

const SPACE = { lr: logUniform(1e-4, 1e-1), units: integer(2, 5), share: uniform(0, 1), kind: choice(["a", "b"]) };

/** Better near lr 1e-2, and with more budget. */
const SCORE = "(p, c) => Math.abs(Math.log10(p.lr) + 2) + p.share / 10 + (c.seed % 7) / 1e3 + 1 / (c.budget ?? 1)";
const here = new Function(`return ${SCORE}`)() as Trial;

test("random: settings within their ranges, by the seed, over workers as here", async () => {
  const url = threads.module("score.mjs", `export default ${SCORE};`);
  const near = await sweep(SPACE, here, { trials: 12, seed: 4 });
  expect(near.trials.map(({ trial }) => trial)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  for (const { parameters } of near.trials) {
    const { lr, units, share, kind } = parameters; // numbers, and "a" or "b", by the space
    expect(lr >= 1e-4 && lr < 1e-1 && share >= 0 && share < 1).toBe(true);
    expect([2, 3, 4, 5]).toContain(units);
    expect(["a", "b"]).toContain(kind);
  }
  expect(new Set(near.trials.map(({ parameters }) => parameters.lr)).size).toBe(12);
  expect(near.best.score).toBe(Math.min(...near.trials.map(({ score }) => score)));
  expect(await sweep(SPACE, url, { trials: 12, seed: 4, pool })).toEqual(near);
  expect(await sweep({ ...SPACE }, here, { trials: 5, seed: 5 })).not.toEqual(await sweep(SPACE, here, { trials: 5, seed: 4 }));
});

test("successive halving: the better third goes on with three times the budget", async () => {
  const { trials, best } = await sweep(SPACE, here, { trials: 9, seed: 1, halving: { minBudget: 1, maxBudget: 9 } });
  const rounds = [1, 3, 9].map((budget) => trials.filter((each) => each.budget === budget));
  expect(rounds.map(({ length }) => length)).toEqual([9, 3, 1]);
  const top = [...(rounds[0] ?? [])].sort((a, b) => a.score - b.score).slice(0, 3);
  expect(rounds[1]?.map(({ trial }) => trial)).toEqual(top.map(({ trial }) => trial).sort((a, b) => a - b));
  expect(best).toBe(rounds[2]?.[0]);
});

test("a sweep that was ended goes on from its file", async () => {
  const file = join(threads.folder, "sweep.json");
  const options = { trials: 9, seed: 1, halving: { minBudget: 1, maxBudget: 9 } };
  const whole = await sweep(SPACE, here, options);
  let done = 0;
  const controller = new AbortController();
  const onTrial = () => void (++done === 4 && controller.abort(new Error("enough")));
  await expect(sweep(SPACE, here, { ...options, file, onTrial, signal: controller.signal })).rejects.toThrow("enough");
  expect(JSON.parse(readFileSync(file, "utf8")).done).toHaveLength(4);
  let calls = 0;
  const counting: Trial = (parameters, context) => {
    calls++;
    return here(parameters, context);
  };
  expect(await sweep(SPACE, counting, { ...options, file })).toEqual(whole);
  expect(calls).toBe(9 + 3 + 1 - 4);
  await expect(sweep(SPACE, here, { ...options, seed: 2, file })).rejects.toThrow(ArgumentError);
  await expect(sweep(SPACE, here, { ...options, trials: 12, file })).rejects.toThrow(
    "file: expected the trials of this plan, or none: trials 12, got those of another: trials 9",
  );
  writeFileSync(file, "{");
  await expect(sweep(SPACE, here, { ...options, file })).rejects.toThrow(FormatError);
});

test("a trial that fails has no score, also where it ends its worker; of failures alone there is no best", async () => {
  const url = threads.module(
    "failing.mjs",
    "export default ({ kind }, { trial }) => { if (trial === 1) throw new RangeError('no'); if (trial === 2) process.exit(1); return trial; };",
  );
  const { trials, best } = await sweep(SPACE, url, { trials: 4, pool, mode: "max" });
  expect(trials.map(({ score }) => score)).toEqual([0, Number.NaN, Number.NaN, 3]);
  expect([trials[1]?.error, trials[2]?.error?.slice(0, 8)]).toEqual(["no", "trial 2:"]);
  expect(best.trial).toBe(3);
  await expect(sweep(SPACE, () => Number.NaN, { trials: 2 })).rejects.toThrow(
    /^train: expected a score of a trial at least, got none; trial 0/,
  );
});

test("what failed is tried again by the same call, and what did not is not", async () => {
  const file = join(threads.folder, "failed.json");
  const broken: Trial = ({ lr }, { trial }) => {
    if (trial === 1) throw new Error("a slip");
    return lr as number;
  };
  const options = { trials: 3, seed: 1, file };
  const first = await sweep(SPACE, broken, options);
  expect(first.trials.map(({ error }) => error)).toEqual([undefined, "a slip", undefined]);
  const tried: number[] = [];
  const mended = ({ lr }: { lr: number }, { trial }: { trial: number }) => {
    tried.push(trial);
    return lr;
  };
  const { trials } = await sweep(SPACE, mended, options);
  expect(tried).toEqual([1]);
  expect(trials.map(({ score, parameters }) => score - parameters.lr)).toEqual([0, 0, 0]);
});

test("cross-validation: every sample is held out once, and a model is trained in a worker", async () => {
  const seen: number[] = [];
  const { scores, mean, deviation } = await crossValidate(
    11,
    (_, { fold }) => {
      seen.push(...fold.validation);
      expect([...fold.training, ...fold.validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, i) => i));
      return fold.validation.length;
    },
    { folds: 3, seed: 2 },
  );
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, i) => i));
  expect([scores, mean]).toEqual([[3, 4, 4], 11 / 3]);
  expect(deviation).toBeCloseTo(Math.sqrt(1 / 3), 14);
  const url = threads.module(
    "fold.mjs",
    `export default async (_, { rt, library: { Dense, SGD, MSELoss, fit, evaluate, Sequential }, fold, options }) => {
      const model = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]);
      const pick = (places) => places.map((i) => ({ x: [[i / 10]], y: [(options.slope * i) / 10] }));
      const loss = new MSELoss(rt);
      await fit(model, { data: pick(fold.training), loss, optimizer: new SGD(model.parameters(), { lr: 0.3 }), epochs: 40, seed: 1 });
      return (await evaluate(model, { data: pick(fold.validation), loss })).loss;
    };`,
  );
  const over = (count: Pool) => crossValidate(20, url, { pool: count, folds: 4, options: { slope: 2 } });
  const result = await over(pool);
  expect(result.scores).toHaveLength(4);
  expect(result.mean).toBeLessThan(0.05);
  expect(await over(pool)).toEqual(result);
});
