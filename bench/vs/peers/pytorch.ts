/** PyTorch in a child process, timed inside Python. Absent where python3-torch is not on the machine. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contender } from "../contender.js";

export const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";

export async function pytorch(): Promise<Contender> {
  if (spawnSync(PYTHON, ["-c", "import torch"]).status !== 0) throw new Error("python3-torch is not installed");
  const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
  const child = spawn(PYTHON, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-bench-"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (message: object) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("python ended");
    return JSON.parse(value);
  };
  let ids = 0;
  return {
    name: "pytorch",
    supports: () => true,
    async prepare(one, { x, dY, weights }) {
      const id = `case${ids++}`;
      const data: Record<string, string> = {};
      for (const [name, array] of Object.entries({ x, dY, ...weights })) {
        const file = join(folder, `${id}-${name}`);
        writeFileSync(file, array);
        data[name] = file;
      }
      const { output } = await ask({ do: "prepare", id, case: one, data });
      return {
        output: async () => output, // its first 4096 elements
        time: async (calls) => (await ask({ do: "measure", id, calls })).ms,
        dispose: () => ask({ do: "dispose", id }),
      };
    },
    close() {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
