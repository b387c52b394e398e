/** Ratios and the table. */
import type { Result } from "./contender.js";

const OURS = ["wasm-rnn/relaxed", "wasm-rnn/baseline"];

/** How many times faster each peer's time is beaten by our best build here, and by the baseline ("baseline over <peer>"). */
export function ratios(timed: Readonly<Record<string, { minMs: number }>>): Record<string, number> {
  const minMs = (name: string) => timed[name]?.minMs ?? Number.NaN;
  const best = OURS.find((name) => timed[name]) ?? "";
  const peers = Object.keys(timed).filter((name) => !OURS.includes(name));
  const over = (ours: string, prefix: string) => peers.map((name) => [`${prefix}${name}`, minMs(name) / minMs(ours)]);
  return Object.fromEntries([...over(best, ""), ...(best === "wasm-rnn/baseline" ? [] : over("wasm-rnn/baseline", "baseline over "))]);
}

/** Minima, and in brackets how many times faster we are. */
export function table(results: readonly Result[]): string {
  const names = [...new Set(results.flatMap(({ contenders }) => Object.keys(contenders)))];
  const cell = ({ contenders, ratios: each }: Result, name: string) => {
    const [timed, ratio] = [contenders[name], each[name]];
    return timed ? `${time(timed.minMs)}${ratio ? ` (${ratio.toFixed(ratio < 10 ? 2 : 0)}×)` : ""}` : "–";
  };
  const columns = [["case", ...results.map(({ id }) => id)], ...names.map((name) => [name, ...results.map((one) => cell(one, name))])];
  const padded = columns.map((column, i) => {
    const width = Math.max(...column.map((text) => text.length));
    return column.map((text) => (i ? text.padStart(width) : text.padEnd(width)));
  });
  return ["", ...results].map((_, row) => padded.map((column) => column[row]).join("  ")).join("\n");
}

function time(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`;
}
