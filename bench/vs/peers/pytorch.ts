/** PyTorch in a child process, timed inside Python. Absent where python3-torch is not on the machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import { python } from "./python.js";

export async function pytorch(): Promise<Contender> {
  const { ask, close } = python("pytorch.py");
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-bench-"));
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
      close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
