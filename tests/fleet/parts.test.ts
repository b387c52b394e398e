/** The parts of the example fleet, each alone: the file, its spans, what is made of a line, results, Redis, the dashboard. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dense, type Runtime, Sequential } from "wasm-rnn";
import { openDashboard } from "../../examples/fleet/dashboard.js";
import { linesOf, writeSequences } from "../../examples/fleet/data.js";
import { ensureModel, openModel, runtime, sha256 } from "../../examples/fleet/model.js";
import { Output, rejectedBeside } from "../../examples/fleet/output.js";
import { connect, deadQueue, keyOf } from "../../examples/fleet/queues.js";
import { RedisServer } from "../../examples/fleet/redis.js";
import { Results } from "../../examples/fleet/results.js";
import { isRejected, scoreLines, setAside } from "../../examples/fleet/score.js";
import { cut, readSpan, type Span } from "../../examples/fleet/spans.js";
import { grid, halve } from "../../examples/fleet/sweep.js";
import { keyOfTrial } from "../../examples/fleet/trial.js";
import { FEATURES } from "../../examples/sensor-faults/features.js";
import { UserError } from "../../examples/shared/program.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-fleet-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const all = async (file: string, most: number): Promise<Span[]> => {
  const spans: Span[] = [];
  for await (const span of cut(file, most)) spans.push(span);
  return spans;
};

describe("the file", () => {
  test("has as many lines as asked for, none twice, and as many spoiled ones", () => {
    const lines = [...linesOf(2000, 7)];
    expect(lines).toHaveLength(2000);
    const read = lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as { id: string; x: unknown[] }];
      } catch {
        return [];
      }
    });
    expect(read).toHaveLength(2000 - 4); // cut in two, NaN, no JSON, and the first kind again
    expect(new Set(read.map(({ id }) => id)).size).toBe(read.length);
    expect(read.filter(({ x }) => x.length === 0)).toHaveLength(1);
    expect([...linesOf(2000, 7)]).toEqual(lines);
  });

  test("more stretches than there are: refused", () => {
    expect(() => [...linesOf(10_000_000, 0)]).toThrow(/--sequences: there are \d+ stretches/);
  });
});

describe("spans", () => {
  test.each([1, 3, 100])("of %i lines: they cover the file, whatever the chunks, and the last line needs no end", async (most) => {
    const file = join(folder, "some.jsonl");
    const lines = Array.from({ length: 250 }, (_, i) => `${i}:${"ä".repeat((i * 997) % 3000)}`);
    lines[100] = "";
    writeFileSync(file, lines.join("\n"));
    const spans = await all(file, most);
    expect(spans).toHaveLength(Math.ceil(250 / most));
    expect((await Promise.all(spans.map(readSpan))).flat()).toEqual(lines);
    const bytes = readFileSync(file);
    for (const { offset, bytes: length, hash } of spans)
      expect(
        createHash("sha256")
          .update(bytes.subarray(offset, offset + length))
          .digest("hex"),
      ).toBe(hash);
    expect(spans.map(({ line }) => line)).toEqual(spans.map((_, i) => 1 + i * most));
    expect(spans.reduce((sum, span) => sum + span.bytes, 0)).toBe(bytes.length);
  });

  test("an empty file has none", async () => {
    const file = join(folder, "empty.jsonl");
    writeFileSync(file, "");
    expect(await all(file, 10)).toEqual([]);
  });

  test("what was changed after it was cut is not read", async () => {
    const file = join(folder, "changed.jsonl");
    writeFileSync(file, "one\ntwo\nthree\n");
    const [first, second] = await all(file, 2);
    writeFileSync(file, "one\ntwo\nthres\n");
    await expect(readSpan(first as Span)).resolves.toEqual(["one", "two"]);
    await expect(readSpan(second as Span)).rejects.toThrow("the file is not what it was from line 3 on");
  });

  test("a job's name is of the model and the content, not of the place", async () => {
    const file = join(folder, "twins.jsonl");
    writeFileSync(file, "a\nb\na\nb\na\nc\n");
    const keys = (await all(file, 2)).map((span) => keyOf({ span, model: "m", modelHash: "1" }));
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toBe(keys[1]);
    expect(keyOf({ span: (await all(file, 2))[0] as Span, model: "m", modelHash: "2" })).not.toBe(keys[0]);
  });
});

describe("scores", () => {
  let rt: Runtime;
  let model: Sequential;
  let file: string;
  beforeAll(async () => {
    rt = await runtime();
    file = join(folder, "model.safetensors");
    model = openModel(rt, file, await ensureModel(file));
  });
  afterAll(() => rt.dispose());

  test("are the same bits alone and in a batch, and malformed lines are told why", async () => {
    const lines = [...linesOf(60, 6)].map((line) => line.trimEnd());
    const together = await scoreLines(model, lines, 32);
    const alone = await Promise.all(lines.map(async (line) => (await scoreLines(model, [line], 1))[0]));
    expect(JSON.stringify(together)).toBe(JSON.stringify(alone));
    expect(together.flatMap((each, i) => (isRejected(each) ? [[i, each.reason]] : []))).toEqual([
      [9, "no JSON"],
      [19, "no JSON"],
      [29, "x.0.0: Invalid type: Expected number but received null"],
      [39, expect.stringMatching(/^x\.0/)],
      [49, "x: Invalid length: Expected >=1 but received 0"],
      [59, "no JSON"],
    ]);
    for (const each of together)
      if (!isRejected(each)) {
        expect(each.peak).toBeGreaterThanOrEqual(each.last);
        expect(each.peak).toBe(Math.fround(each.peak));
      }
  });

  test.each([
    ['{"id":"a"}', /^x: Invalid key/],
    ['{"id":"a","x":[[1e999,2]]}', /^x\.0\.0: Invalid value: Expected <=1000000 but received Infinity/],
    ['{"id":"a","x":[[1,2,3]]}', /^x\.0/],
    ["[1,2]", /Invalid/],
    ["null", /^the line: Invalid type/],
    ["", /^no JSON$/],
  ])("%s: set aside", async (line, reason) => {
    const [scored] = await scoreLines(model, [line], 1);
    expect(scored).toEqual({ reason: expect.stringMatching(reason) });
  });

  test("a sequence longer than anybody means is set aside", async () => {
    const [scored] = await scoreLines(model, [`{"id":"a","x":[${"[1,2],".repeat(10_000)}[1,2]]}`], 1);
    expect(scored).toEqual({ reason: expect.stringMatching(/^x: Invalid length: Expected <=10000/) });
  });

  test("another model in the same file is noticed", () => {
    expect(() => openModel(rt, file, "0".repeat(64))).toThrow("holds another model");
  });

  test("a model that does not fit is refused before there are jobs", async () => {
    const other = join(folder, "other.safetensors");
    for (const [inputSize, outputSize, reason] of [
      [2, 1, "expected 2 features a step"],
      [FEATURES, 2, "got 4 numbers for two readings"],
    ] as const) {
      const model = new Sequential(rt, [new Dense(rt, { inputSize, outputSize })]);
      writeFileSync(other, model.save());
      model.dispose();
      await expect(ensureModel(other)).rejects.toThrow(reason);
    }
  });

  test("a file that is no model is a fault that stays", () => {
    const junk = join(folder, "junk.safetensors");
    writeFileSync(junk, "junk");
    expect(() => openModel(rt, junk, sha256("junk"))).toThrow(UserError);
  });
});

test("the output has every line once, in order, and is not there before it is complete", async () => {
  const scores = join(folder, "out.jsonl");
  const span = (line: number, lines: number): Span => ({ file: "f", offset: 0, bytes: 0, hash: "", line, lines });
  const output = await Output.open(scores);
  await output.add(span(1, 2), [{ id: "a", peak: 1, at: 0, last: 1 }, { reason: "no JSON" }]);
  await expect(output.add(span(2, 1), setAside(1, "why"))).rejects.toThrow("expected line 3 next");
  await expect(output.add(span(3, 2), setAside(1, "why"))).rejects.toThrow("1 results for 2 lines");
  await output.add(span(3, 1), setAside(1, "why"));
  expect(() => readFileSync(scores)).toThrow("ENOENT");
  await output.close();
  expect(readFileSync(scores, "utf8")).toBe('{"line":1,"id":"a","peak":1,"at":0,"last":1}\n');
  expect(readFileSync(rejectedBeside(scores), "utf8")).toBe('{"line":2,"reason":"no JSON"}\n{"line":3,"reason":"given up: why"}\n');
  expect([output.lines, output.rejected]).toEqual([3, 2]);
});

describe("Redis", () => {
  test("keeps what was answered through a kill -9; a result is written once, and another one is refused", async () => {
    const server = await RedisServer.start(join(folder, "redis"));
    const redis = connect(server.url);
    try {
      const results = new Results(redis);
      await results.put("key", "value");
      await server.kill();
      expect(await results.get(["key", "other"])).toEqual(["value", null]);
      await results.put("key", "value");
      expect(await results.deliveredAgain()).toBe(1);
      await expect(results.put("key", "another")).rejects.toThrow("key: a second run gave another result");
      expect(await results.get(["key"])).toEqual(["value"]);
      expect(await results.unequal()).toEqual(["key"]);
      expect(await redis.config("GET", "append*")).toEqual(expect.arrayContaining(["appendonly", "yes", "appendfsync", "always"]));
      expect(await redis.config("GET", "bind")).toEqual(["bind", "127.0.0.1"]);
    } finally {
      redis.disconnect();
      await server.stop();
    }
    const again = await RedisServer.start(join(folder, "redis"));
    const next = connect(again.url);
    expect(await new Results(next).get(["key"])).toEqual(["value"]);
    next.disconnect();
    await again.stop();
  });

  test("a folder that another run works in: refused", async () => {
    const server = await RedisServer.start(join(folder, "taken"));
    await expect(RedisServer.start(join(folder, "taken"))).rejects.toThrow(`process ${process.pid} works in this folder`);
    await server.stop();
  });

  test("a lease that was cut off says what to do", async () => {
    const place = join(folder, "cut");
    mkdirSync(place);
    writeFileSync(join(place, "lease.json"), "");
    await expect(RedisServer.start(place)).rejects.toThrow("does not say which run works in this folder; if there is none, remove it");
  });

  test("the dashboard shows the queues to this machine, under its own name alone", async () => {
    const server = await RedisServer.start(join(folder, "board"));
    const redis = connect(server.url);
    const queue = deadQueue(redis);
    const board = await openDashboard([queue], 0);
    const answer = (path: string, host: string) =>
      new Promise<[number | undefined, string]>((resolve, reject) => {
        get(`${board.url}${path}`, { headers: { host } }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve([response.statusCode, text]));
        }).on("error", reject);
      });
    try {
      expect(board.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await answer("/", "127.0.0.1"))[0]).toBe(200);
      const [status, text] = await answer("/api/queues", "localhost");
      expect([status, JSON.parse(text).queues.map(({ name }: { name: string }) => name)]).toEqual([200, ["fleet-dead"]]);
      expect((await answer("/api/queues", "elsewhere.example"))[0]).toBe(403);
    } finally {
      await board.close();
      await queue.close();
      redis.disconnect();
      await server.stop();
    }
  });
});

test("the sweep: the better third goes on with three times the passes, and a trial's name is its settings", async () => {
  const asked: number[][] = [];
  const rungs = await halve(grid(false), async (rung) => {
    asked.push(rung.map(({ epochs }) => epochs));
    return rung.map(({ hidden, lr, weightDecay }) => ({ loss: Math.abs(hidden - 8) + Math.abs(lr - 0.02) + weightDecay }));
  });
  expect(asked.map((epochs) => [epochs.length, ...new Set(epochs)])).toEqual([
    [24, 1],
    [8, 3],
    [2, 9],
    [1, 27],
  ]);
  expect(rungs.at(-1)).toEqual([{ hidden: 8, lr: 0.02, weightDecay: 0, epochs: 27, seed: 1, loss: 0 }]);
  expect(new Set(grid(false).map(keyOfTrial)).size).toBe(24);
});

test("the file is written as a whole", async () => {
  const file = join(folder, "whole.jsonl");
  await writeSequences(file, 50, 0);
  expect(readFileSync(file, "utf8")).toBe([...linesOf(50, 0)].join(""));
});
