/** The example fleet as people run it: kills of all that can be killed, and the file that one process gives. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { linesOf } from "../../examples/fleet/data.js";
import { RedisServer } from "../../examples/fleet/redis.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = ["--import", "@oxc-node/core/register", "--import", "./scripts/as-built.js", "scripts/example.ts", "fleet"];

let folder: string;
const started: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-fleet-"));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;
  said(): string;
  /** Waits until it says so. */
  until(pattern: RegExp): Promise<void>;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", REDIS_URL: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
  return {
    child,
    ended: once(child, "close").then(([code, signal]) => code ?? signal),
    said: () => text,
    async until(pattern) {
      for (const end = Date.now() + 60_000; !pattern.test(text); await sleep(20))
        if (Date.now() > end || child.exitCode !== null) throw new Error(`it never said ${pattern}:\n${text}`);
    },
  };
}

async function run(args: readonly string[], code = 0): Promise<string> {
  const program = start(args);
  expect(await program.ended, program.said()).toBe(code);
  return program.said();
}

/** No process is left that a program with FLEET_TEST of this name started, or what it started. */
async function expectNobodyIn(name: string): Promise<void> {
  const uses = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`FLEET_TEST=${name}`);
    } catch {
      return false; // it has gone, or is not ours
    }
  };
  let left: string[] = [];
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(100)) {
    left = readdirSync("/proc").filter((each) => /^\d+$/.test(each) && uses(each));
    if (left.length === 0) return;
  }
  expect(left).toEqual([]);
}

const scored = (place: string) =>
  readFileSync(join(place, "scores.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).line as number);

test("3,000 sequences, three kills of workers and one of Redis: nothing lost, nothing twice, the bytes of one process", async () => {
  const program = start(["--quick", "--folder", folder], { FLEET_TEST: "kills" });
  expect(await program.ended, program.said()).toBe(0);
  const [, workers, processors] =
    /3,000 lines in 300 jobs: .*\n {2}killed: (\d) workers, (\d) processors, Redis 1 times/.exec(program.said()) ?? [];
  // On a busy machine the last jobs may be done before the next victim is found at work.
  expect([1, 2, 3], program.said()).toContain(Number(workers) + Number(processors));
  expect(program.said()).toContain("12 lines set aside");
  expect(program.said()).toContain("byte for byte what one process gives");
  const lines = scored(join(folder, "quick"));
  expect(lines).toHaveLength(2988);
  expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
  const rejected = readFileSync(join(folder, "quick/scores.rejected.jsonl"), "utf8").trimEnd().split("\n");
  expect(rejected.map((line) => JSON.parse(line).line)).toEqual(Array.from({ length: 12 }, (_, i) => 250 * (i + 1)));
  await expectNobodyIn("kills");
});

test("SIGTERM stops it, kill -9 ends it, and each time the same command goes on", async () => {
  const place = join(folder, "stopped");
  const args = ["--sequences", "1500", "--span", "10", "--folder", place, "--kills", "4", "--check"];
  const first = start(args, { FLEET_TEST: "stop" });
  await first.until(/kill -9/);
  first.child.kill("SIGTERM");
  expect(await first.ended, first.said()).toBe(130);
  expect(first.said()).toContain("stopped; the same command goes on from here");
  expect(() => scored(place)).toThrow("ENOENT");
  await expectNobodyIn("stop");

  const second = start(args);
  await second.until(/kill -9/);
  second.child.kill("SIGKILL");
  expect(await second.ended).toBe("SIGKILL");

  const third = start(args, { FLEET_TEST: "third" });
  expect(await third.ended, third.said()).toBe(0);
  expect(third.said()).toMatch(/1,500 lines in 150 jobs, \d+ of them done before/);
  expect(third.said()).toContain("byte for byte what one process gives");
  await expectNobodyIn("third");
});

test("a job that cannot be done is given up with its reason, at once, and the others are done", async () => {
  const [place, input] = [join(folder, "dead"), join(folder, "dead.jsonl")];
  writeFileSync(input, [...linesOf(40, 0)].join(""));
  appendFileSync(input, `"${"x".repeat(65 * 2 ** 20)}"\n`);
  appendFileSync(input, [...linesOf(20, 0)].join(""));
  const args = ["--input", input, "--span", "20", "--workers", "1", "--folder", place];
  expect(await run(args, 1)).toMatch(/61 lines in 4 jobs.*\n[\s\S]*20 lines set aside[\s\S]*1 jobs were given up/);
  const alone = await run(["single", "--input", input, "--span", "20", "--folder", place]);
  expect(alone).toContain("61 lines, 20 set aside");
  for (const kind of ["jsonl", "rejected.jsonl"])
    expect(readFileSync(join(place, `scores.${kind}`), "utf8")).toBe(readFileSync(join(place, `alone.${kind}`), "utf8"));
  expect(readFileSync(join(place, "scores.rejected.jsonl"), "utf8")).toMatch(
    /^\{"line":41,"reason":"given up: \d+ bytes from line 41 on: at most 67108864 are read"\}\n/,
  );
  expect(await run(args, 1)).toMatch(/3 of them done before[\s\S]*1 jobs were given up/);
});

test("workers of another machine, by REDIS_URL", async () => {
  const server = await RedisServer.start(join(folder, "theirs"));
  try {
    const env = { REDIS_URL: server.url };
    const workers = start(["work", "score", "--workers", "1"], env);
    const producer = start(["--workers", "0", "--sequences", "200", "--span", "50", "--check", "--folder", join(folder, "ours")], env);
    expect(await producer.ended, producer.said()).toBe(0);
    expect(producer.said()).toMatch(/200 lines in 4 jobs[\s\S]*byte for byte/);
    workers.child.kill("SIGTERM");
    expect(await workers.ended, workers.said()).toBe(0);
    const refused = start(["--redis-kills", "1"], env);
    expect(await refused.ended).toBe(1);
    expect(refused.said()).toMatch(/^error: --redis-kills: not of your Redis/);
  } finally {
    await server.stop();
  }
});

test("a Redis that does not answer: it says so, and SIGTERM still stops it", async () => {
  const place = join(folder, "away");
  const program = start(["--sequences", "20", "--workers", "0", "--folder", place], { REDIS_URL: "redis://127.0.0.1:1" });
  await program.until(/Redis does not answer: .*ECONNREFUSED.*; waiting/);
  program.child.kill("SIGTERM");
  expect(await program.ended).toBe(130);
  expect(program.said()).toContain("the same command goes on from here");
});

test("the sweep: the same losses whoever works, and nothing is tried twice", async () => {
  const place = join(folder, "sweep");
  const table = (said: string) => said.slice(said.indexOf("┌"), said.lastIndexOf("┘"));
  const first = await run(["sweep", "--quick", "--workers", "2", "--folder", place]);
  expect(table(first)).toMatch(/│ 6 {6}│ 1 [\s\S]*│ 2 {6}│ 3 [\s\S]*│ 1 {6}│ 9 /);
  const again = await run(["sweep", "--quick", "--workers", "0", "--folder", place]);
  expect(table(again)).toBe(table(first));
  const other = await run(["sweep", "--quick", "--workers", "1", "--folder", join(folder, "other")]);
  expect(table(other)).toBe(table(first));
});
