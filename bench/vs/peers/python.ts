/** A Python process with PyTorch, asked line by line; what it times, it times itself. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";

export interface Python {
  ask(message: object): Promise<{ output: number[]; ms: number }>;
  close(): void;
}

/** One thread. @param script beside this file @throws where python3-torch is not on the machine */
export function python(script: string): Python {
  if (spawnSync(PYTHON, ["-c", "import torch"]).status !== 0) throw new Error("python3-torch is not installed");
  const child = spawn(PYTHON, [fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("python ended");
      return JSON.parse(value);
    },
    close: () => child.stdin.end(),
  };
}
