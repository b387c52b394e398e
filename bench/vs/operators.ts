/**
 * Operators beside onnxruntime-web (a model of one node each), TensorFlow.js (its Wasm backend) and PyTorch, one thread each, interleaved; each
 * result is compared before it is timed. A result stays where its library keeps it.
 */
import { assertClose, numbers } from "../harness.js";
import { createRuntime, Frame, operators as ops } from "./library.js";
import { ROWS, type Row } from "./operator-rows.js";
import { type OperatorPeer, onnxruntime, type PreparedOperator, pytorch, tfjs } from "./peers/operators.js";

const SECONDS = process.argv.includes("--quick") ? 0.1 : 0.5;

type Rt = Awaited<ReturnType<typeof createRuntime>>;

async function main(): Promise<void> {
  const build = process.argv.includes("--baseline") ? "baseline" : undefined;
  const rt = await createRuntime(build ? { build } : {});
  await ops.loadOperators(rt);
  const peers: OperatorPeer[] = [ofOurs(rt)];
  for (const make of [onnxruntime, tfjs, pytorch]) {
    try {
      peers.push(await make());
    } catch (error) {
      console.log(`left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  const families = new Map<string, number[][]>();
  console.log(`${process.version}, ${rt.build}; µs, minima of interleaved runs; how many times as long as ours`);
  const [, ...others] = peers;
  console.log(`${"".padEnd(57)}${"ours".padStart(9)}${others.map(({ name }) => name.padStart(18)).join("")}`);
  for (const row of ROWS) {
    const [ours = 0, ...theirs] = await timed(peers, row);
    const ratios = theirs.map((time) => time / ours);
    families.set(row.family, [...(families.get(row.family) ?? []), ratios]);
    const size = row.shapes.map((shape) => shape.join("x")).join(" ");
    const columns = theirs.map((time, i) =>
      (time ? `${time.toFixed(1)} ${(ratios[i] as number).toFixed(2).padStart(6)}×` : "—").padStart(18),
    );
    console.log(`${row.family.padEnd(9)}${row.name.padEnd(24)}${size.padEnd(24)}${ours.toFixed(1).padStart(9)}${columns.join("")}`);
  }
  const geomean = (values: readonly number[]) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  for (const [family, ratios] of [...families, ["all", [...families.values()].flat()] as const]) {
    const columns = others.map((_, i) => {
      const own = ratios.map((row) => row[i] as number).filter((ratio) => !Number.isNaN(ratio));
      return (own.length > 0 ? `${geomean(own).toFixed(2)}× ≥ ${Math.min(...own).toFixed(2)}×` : "—").padStart(18);
    });
    console.log(`${`${family}: geometric mean, least`.padEnd(66)}${columns.join("")}`);
  }
  for (const peer of others) peer.close?.();
  rt.dispose();
}

/** Ours: an operator in a frame that runs again, or what makes its own calls. */
function ofOurs(rt: Rt): OperatorPeer {
  return {
    name: "wasm-rnn",
    async prepare(row, data) {
      const inputs = data.map((values, i) => rt.tensor(values, row.shapes[i] as number[]));
      const frame = new Frame(rt);
      const made = row.make?.(rt, inputs);
      const run = made?.call ?? (() => frame.run(() => row.run?.(...inputs)));
      return {
        output: Float32Array.from(made?.output() ?? frame.run(() => row.run?.(...inputs).toArray()) ?? []),
        async time(calls) {
          const begin = performance.now();
          for (let i = 0; i < calls; i++) run();
          return (performance.now() - begin) / calls;
        },
        dispose() {
          for (const each of [frame, ...inputs]) each.dispose();
        },
      };
    },
  };
}

/** Microseconds of each, the least of the rounds; NaN of who has no such thing. */
async function timed(peers: readonly OperatorPeer[], row: Row): Promise<number[]> {
  const data = row.shapes.map((shape) => Float32Array.from(numbers(shape.reduce((a, b) => a * b, 1)), (v) => v + 0.75)); // over 0: for sqrt
  const all: PreparedOperator[] = [];
  const has = ({ name }: OperatorPeer) => !row.make || name === "wasm-rnn" || name === "pytorch";
  for (const peer of peers.filter(has)) all.push(await peer.prepare(row, data));
  const [ours] = all;
  for (const { output } of all) assertClose(row.name, ours?.output.slice(0, output.length) ?? [], output, row.tolerance ?? 1e-5);
  const calls: number[] = [];
  for (const each of all) {
    let some = 3; // as many as take 2 ms once the engine has optimised them: the first finds its caches cold
    while (some * (await each.time(some)) < 2) some *= 2;
    calls.push(some);
  }
  const best = all.map(() => Number.POSITIVE_INFINITY);
  const until = performance.now() + 1000 * all.length * SECONDS;
  for (let round = 0; round < 5 || performance.now() < until; round++)
    for (const [i, each] of all.entries()) best[i] = Math.min(best[i] as number, 1000 * (await each.time(calls[i] as number)));
  for (const each of all) await each.dispose();
  return peers.map((peer) => (has(peer) ? (best.shift() as number) : Number.NaN));
}

await main();
