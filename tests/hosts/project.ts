/** What the tests of all hosts share. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, inject } from "vitest";
import { ROOT } from "../helpers/package.js";
import { type Smoke, smoke } from "./smoke.js";

export const MODULES = join(ROOT, "tests/hosts/programs/node_modules");

/** What main.ts prints. */
export interface Report {
  readonly fastest: Smoke;
  readonly baseline: Smoke;
  readonly refused: string;
}

export interface Ending {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** What a program finds: this Node before the others, which are among the programs. */
export function environment(): NodeJS.ProcessEnv {
  const PATH = [dirname(process.execPath), join(MODULES, ".bin"), process.env.PATH].join(":");
  return { PATH, HOME: inject("project"), NO_COLOR: "1" };
}

/** Runs a program of tests/hosts in the project, alone with what it is given. */
export function run(program: string, args: readonly string[]): Ending {
  const options = { cwd: inject("project"), env: environment(), encoding: "utf8" } as const;
  const { stdout, stderr, status, error } = spawnSync(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  if (error) throw error;
  return { stdout, stderr, status };
}

/** The same; it must not fail, or complain. */
export function printedBy(program: string, args: readonly string[]): string {
  const { stdout, stderr, status } = run(program, args);
  expect([stderr, status]).toEqual(["", 0]);
  return stdout;
}

/** The smoke in this Node, on the build that runs everywhere. */
export async function expectedSmoke(): Promise<Smoke> {
  const lib = await import(/* @vite-ignore */ pathToFileURL(join(inject("project"), "node_modules/wasm-rnn/dist/index.js")).href);
  return smoke(lib, await lib.createRuntime({ build: "baseline", seed: 1 }));
}

/** Fused products round otherwise: digits, where there are not the same bits. */
export function expectDigits(got: Smoke, expected: Smoke): void {
  expect(got.output).toBeCloseTo(expected.output, 5);
  expect(got.losses.length).toBe(expected.losses.length);
  got.losses.forEach((loss, i) => void expect(loss).toBeCloseTo(expected.losses[i] as number, 4));
}

/** What a host must print. @param build its fastest */
export async function expectReport(text: string, build: "baseline" | "relaxed"): Promise<void> {
  const { fastest, baseline, refused }: Report = JSON.parse(text);
  const expected = await expectedSmoke();
  expect(baseline).toEqual(expected);
  expect(fastest.build).toBe(build);
  if (build === "baseline") expect(fastest).toEqual(expected);
  expectDigits(fastest, expected);
  expect(refused).toBe('ArgumentError: build: expected "baseline" or "relaxed" or "debug", got "fast"');
}
