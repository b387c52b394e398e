/** A run that is killed again and again ends with the bits of one that never was. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Generator } from "../../bindings/index.js";
import { BUILD } from "../helpers/raw.js";
import { compileScript } from "../helpers/script.js";
import { printedSeed } from "../helpers/seed.js";
import { sweep } from "../helpers/sweep.js";

const script = compileScript("killable-run");
afterAll(() => script.dispose());

/** @returns what it printed, and whether it was killed on the way */
function run(file: string, killAfter?: number): Promise<{ output: string; killed: boolean }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv.filter((flag) => flag.includes("wasm")), script.path, file, BUILD], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      clearTimeout(timer);
      resolve({ output, killed: signal === "SIGKILL" });
    });
  });
}

const KILLS = sweep(20);

test(`${KILLS} kills at random moments change nothing`, { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-killed-"));
  try {
    const started = performance.now();
    const whole = await run(join(folder, "whole.safetensors"));
    const took = performance.now() - started;
    expect(whole.output).toMatch(/^144 steps [0-9a-f]{64}\n$/);
    const random = new Generator(printedSeed("killed")); // other moments every time
    const file = join(folder, "killed.safetensors");
    let kills = 0;
    while (kills < KILLS) {
      const { output, killed } = await run(file, 60 + random.uniform() * took * 0.35);
      if (killed) {
        kills++;
        continue;
      }
      expect(output).toBe(whole.output); // it came to the end between two kills: again from the start
      rmSync(file);
    }
    expect((await run(file)).output).toBe(whole.output);
    const left = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
    expect(left.sort()).toEqual(["killed.safetensors", "whole.safetensors"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
