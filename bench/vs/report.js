/** Ratios, means and the table. */
const OURS = ["wasm-rnn/relaxed", "wasm-rnn/baseline"];

/** How many times faster each peer's time is beaten by our best build here, and by the baseline ("baseline over <peer>"). */
export function ratios(timed) {
  const [best] = OURS.filter((name) => timed[name]);
  const peers = Object.keys(timed).filter((name) => !OURS.includes(name));
  const over = (ours, prefix) => peers.map((name) => [`${prefix}${name}`, timed[name].minMs / timed[ours].minMs]);
  return Object.fromEntries([...over(best, ""), ...(best === "wasm-rnn/baseline" ? [] : over("wasm-rnn/baseline", "baseline over "))]);
}

/** Geometric means of the ratios, by peer and kind of case. */
export function geomeans(results) {
  const logs = {};
  for (const { id, ratios: each } of results) {
    for (const [peer, ratio] of Object.entries(each)) {
      logs[peer] ??= {};
      logs[peer][id.split("/")[0]] ??= [];
      logs[peer][id.split("/")[0]].push(Math.log(ratio));
    }
  }
  const mean = (list) => Number(Math.exp(list.reduce((a, b) => a + b) / list.length).toFixed(2));
  return Object.fromEntries(
    Object.entries(logs).map(([peer, kinds]) => [
      peer,
      Object.fromEntries(Object.entries(kinds).map(([kind, list]) => [kind, mean(list)])),
    ]),
  );
}

/** Minima, and in brackets how many times faster we are. */
export function table(results) {
  const names = [...new Set(results.flatMap(({ contenders }) => Object.keys(contenders)))];
  const rows = results.map(({ id, contenders, ratios: each }) => [
    id,
    ...names.map((name) =>
      contenders[name] ? `${time(contenders[name].minMs)}${each[name] ? ` (${each[name].toFixed(each[name] < 10 ? 2 : 0)}×)` : ""}` : "–",
    ),
  ]);
  const all = [["case", ...names], ...rows];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all.map((row) => row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ")).join("\n");
}

function time(ms) {
  return ms < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`;
}
