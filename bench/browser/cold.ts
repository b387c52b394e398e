/**
 * npm run bench:browser -- cold [--quick] [--json FILE]: from navigation to the first prediction of an LSTM (64 units, 50 steps), cold: in a browser
 * context without a cache, of a page that has wasm-rnn, of one that has onnxruntime-web (where bench/vs is installed), and of one that has neither and
 * loads the model alone. From a server on the loopback, and as if it were at the end of a line.
 */
import type { Browser, Page } from "playwright-core";
import { lstmForward } from "../../tests/reference/lstm.js";
import { assertClose, numbers } from "../harness.js";
import type { Result } from "../vs/contender.js";
import { coldFiles, onnxIsInstalled } from "./cold-files.js";
import { type ColdReport, type ColdServer, serveCold } from "./cold-server.js";

const SIZE = { T: 50, N: 1, I: 64, H: 64 };
const ROUNDS = 7;
const QUICK_ROUNDS = 3;
/** A page that has not come this far never will. */
const TIMEOUT_MS = 60_000;

interface Timed {
  readonly minMs: number;
  readonly medianMs: number;
  /** Loaded, gzipped. */
  readonly bytes: number;
}

interface Options {
  readonly quick: boolean;
  print(line: string): void;
}

interface Line {
  readonly name: string;
  readonly megabits: number;
  readonly latencyMs: number;
}

/** A usual one at home, or a good one on the way. */
const LINES: readonly (Line | undefined)[] = [undefined, { name: "20Mbit-40ms", megabits: 20, latencyMs: 40 }];

/** @throws when a page's numbers are wrong */
export async function coldStart(browser: Browser, { quick, print }: Options): Promise<Result[]> {
  const { I, H, T } = SIZE;
  const single = (length: number, scale: number) => Float32Array.from(numbers(length, scale));
  const weights = {
    ...{ wih: single(4 * H * I, 0.25), whh: single(4 * H * H, 0.25).reverse() },
    ...{ bih: single(4 * H, 0.25), bhh: single(4 * H, 0.25).reverse() },
  };
  const x = single(T * I, 2);
  const wanted = lstmForward(SIZE, x, null, null, weights).a.subarray(H);
  const server = await serveCold(await coldFiles(SIZE, weights, x));
  if (!onnxIsInstalled) print("onnxruntime-web is not here: npm ci --ignore-scripts --prefix bench/vs");
  try {
    const results: Result[] = [];
    for (const line of LINES) results.push(await inTurns(browser, server, { line, wanted, rounds: quick ? QUICK_ROUNDS : ROUNDS, print }));
    return results;
  } finally {
    server.close();
  }
}

interface Turns {
  readonly line: Line | undefined;
  readonly wanted: ArrayLike<number>;
  readonly rounds: number;
  print(line: string): void;
}

async function inTurns(browser: Browser, server: ColdServer, { line, wanted, rounds, print }: Turns): Promise<Result> {
  const id = `cold-start/${line?.name ?? "loopback"}`;
  const names = ["wasm-rnn", ...(onnxIsInstalled ? ["onnxruntime-web"] : []), "empty"];
  const samples = names.map((name) => ({ name, times: [] as number[], bytes: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (const one of round % 2 === 0 ? samples : samples.toReversed()) {
      const { ms, output, bytes } = await openCold(browser, server, one.name, line);
      if (one.name !== "empty") assertClose(`${id} of ${one.name}`, output, wanted, 1e-4);
      one.bytes = bytes;
      if (round > 0) one.times.push(ms); // the first one warms the machine's caches of files
    }
  }
  const contenders: Record<string, Timed> = Object.fromEntries(
    samples.map(({ name, times, bytes }) => [name, { ...summary(times), bytes }]),
  );
  for (const [name, timed] of Object.entries(contenders)) print(lineOf(id, name, timed));
  const { "wasm-rnn": ours, "onnxruntime-web": peer } = contenders;
  const ratio = ours && peer ? peer.minMs / ours.minMs : undefined;
  if (ratio) print(`${id.padEnd(36)} wasm-rnn ${ratio.toFixed(1)} times sooner`);
  return { id, contenders, ratios: ratio ? { "onnxruntime-web": ratio } : {} };
}

interface Opened extends ColdReport {
  /** Loaded, gzipped. */
  readonly bytes: number;
}

async function openCold(browser: Browser, server: ColdServer, name: string, line: Line | undefined): Promise<Opened> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    if (line) await slowDown(page, line);
    server.served();
    const failed = new Promise<never>((_, reject) => {
      page.on("pageerror", (error) => reject(new Error(`the page of ${name}: ${error.message}`)));
    });
    const opened = page.goto(`${server.origin}/${name}/index.html`, { timeout: TIMEOUT_MS });
    const [report] = await Promise.all([Promise.race([server.report(), failed, late(name)]), opened]);
    return { ...report, bytes: server.served() };
  } finally {
    await context.close();
  }
}

async function slowDown(page: Page, { megabits, latencyMs }: Line): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const bytesPerSecond = (megabits * 1e6) / 8;
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    ...{ offline: false, latency: latencyMs, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond },
  });
}

function late(name: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`the page of ${name} gave no prediction in ${TIMEOUT_MS} ms`)), TIMEOUT_MS).unref();
  });
}

function summary(times: readonly number[]): { minMs: number; medianMs: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { minMs: sorted[0] as number, medianMs: sorted[sorted.length >> 1] as number };
}

function lineOf(id: string, name: string, { minMs, medianMs, bytes }: Timed): string {
  const [min, median] = [minMs, medianMs].map((ms) => `${ms.toFixed(1)} ms`.padStart(9));
  return `${id.padEnd(36)} ${name.padEnd(17)} min ${min}  median ${median}  ${(bytes / 1024).toFixed(1)} KB gzipped`;
}
