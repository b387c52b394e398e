/**
 * Runs the tests and closes with one line that counts them all: `N passed, N failed`.
 *
 *   npm test                    what is out of date is built, then as-pect (tests/assembly) and vitest (the rest)
 *   npm test -- <filter> …      vitest alone, only files whose path contains a filter
 *   npm run test:slow           tests/slow
 *   npm run test:browser        tests/browser, in Chromium
 *   npm run test:hosts          tests/hosts: the packed package in every host and by every bundler
 *   npm run test:playground     tests/playground: the page of examples/playground, in Chromium
 *   npm run test:fleet          tests/fleet: the example of many processes, with a real Redis, whose redis-server has to be there
 *   npm run test:peers          tests/peers: files to and from other tools, which compute the same (npm ci --prefix tests/peers first)
 *
 * WASM_RNN_BUILD names the build under test: baseline (default), relaxed (without what is the same for any) or debug. All runners run on the Node that runs this.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { relaxedSimd } from "wasm-feature-detect";
import { ensureBuild } from "./ensure-build.js";

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Ending {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string | null;
  readonly output: string;
}

/** What is read of vitest's report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: { status: string; assertionResults: { status: string }[] }[];
}

type Suite = "slow" | "browser" | "hosts" | "playground" | "fleet" | "peers";

const CONFIGS: Record<Suite, string> = {
  slow: "tests/slow/vitest.config.ts",
  browser: "tests/browser/vitest.config.ts",
  hosts: "tests/hosts/vitest.config.ts",
  playground: "tests/playground/vitest.config.ts",
  fleet: "tests/fleet/vitest.config.ts",
  peers: "tests/peers/vitest.config.ts",
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const args = process.argv.slice(2);
const suite = (Object.keys(CONFIGS) as Suite[]).find((name) => args.includes(`--${name}`));
const filters = args.filter((arg) => arg !== `--${suite}`);
const relaxed = process.env.WASM_RNN_BUILD === "relaxed";
// Node 20 knows the instructions but wants to be asked for them.
const nodeFlags = relaxed && !(await relaxedSimd()) ? ["--experimental-wasm-relaxed-simd"] : [];

try {
  ensureBuild();
} catch {
  console.log("0 passed, 1 failed"); // the build has said why
  process.exit(1);
}
const counts: Counts[] = [];
if (!suite && filters.length === 0) counts.push(await aspect());
counts.push(await vitest(suite ? ["--config", CONFIGS[suite]] : [], filters));

const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** The kernels' specs. Its summary is read, since it calls it a pass when no file matches. */
async function aspect(): Promise<Counts> {
  const config = relaxed ? "as-pect.relaxed.asconfig.json" : "as-pect.asconfig.json";
  // Not its bin, which starts whatever `node` the path has.
  const script = ["--enable-source-maps", "node_modules/@as-pect/cli/lib/test.js", "--as-config", config];
  const { code, output } = await run([...nodeFlags, ...script], { capture: true });
  const [head, summary = ""] = output.split("[Summary]");
  console.log(head.replace(/^[\s\S]*?ASC Version.*\n/, "").trimEnd()); // without the logo
  const [, passed = "0", total = "0"] = /\[Tests\]: (\d+) \/ (\d+)/.exec(summary) ?? [];
  return count("as-pect", Number(passed), Number(total) - Number(passed), code);
}

async function vitest(options: string[], filters: string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-test-"));
  try {
    const report = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const flags = nodeFlags.map((flag) => `--execArgv=${flag}`);
    const { code } = await run(["node_modules/vitest/vitest.mjs", "run", ...options, ...reporters, ...flags, ...filters], {});
    const { passed, failed } = readReport(report);
    return count("vitest", passed, failed, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that could not even be loaded counts as one failure. */
function readReport(report: string): Counts {
  try {
    const { numPassedTests, numFailedTests, testResults }: Report = JSON.parse(readFileSync(report, "utf8"));
    const broken = testResults.filter(({ status, assertionResults }) => {
      return status === "failed" && !assertionResults.some((test) => test.status === "failed");
    });
    return { passed: numPassedTests, failed: numFailedTests + broken.length };
  } catch {
    return { passed: 0, failed: 0 }; // no report: count() makes a failure of it
  }
}

/** No tests, or a runner that fails with no failed test, is a failure too. */
function count(runner: string, passed: number, failed: number, code: Ending["code"]): Counts {
  if (passed + failed > 0 && (code === 0 || failed > 0)) return { passed, failed };
  console.error(`${runner}: ${passed + failed === 0 ? "no tests ran" : "failed outside the tests"} (exit code ${code})`);
  return { passed, failed: failed + 1 };
}

/** Runs a script on this Node; `node` and what it spawns find the same one first. */
function run(argv: string[], { capture = false }): Promise<Ending> {
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
  if (capture) env.FORCE_COLOR = "0";
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { env, stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"] });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
