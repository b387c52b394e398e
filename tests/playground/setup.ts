/** The page, built to static files in a folder of its own, and served on the loopback. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureBuild } from "../../scripts/ensure-build.js";
import { preparePlayground } from "../../scripts/playground.js";
import { serve } from "../browser/server.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the page is. */
    playground: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  ensureBuild();
  const page = preparePlayground(true);
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--outDir", folder, "--emptyOutDir"], {
    cwd: page,
    stdio: "pipe",
  });
  const server = await serve(folder, {});
  provide("playground", server.origin);
  return async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
