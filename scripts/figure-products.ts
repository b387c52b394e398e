/** The figure of products beside their roofline: GFLOP/s by rows, both builds. */
import type { Results } from "./figures.js";

const SHAPES = [1, 4, 32, 100].map((M) => ({ M, id: `gemm/M${M}-K128-N512` }));
const BUILDS = ["baseline", "relaxed"] as const;
const [LEFT, WIDTH, TOP, ROW, BAR] = [80, 540, 48, 48, 17];

export function drawProducts({ machine, cases }: Results): string {
  const rate = (id: string, build: string): number => {
    const found = cases.find((each) => each.id === id)?.contenders[`wasm-rnn/${build}`]?.gflops;
    if (found === undefined) throw new Error(`${id}, ${build}: not in the results`);
    return found;
  };
  const roofs = BUILDS.map((build) => rate("roofline/flops", build));
  const rows = SHAPES.map(({ M, id }) => ({ name: M === 1 ? "1 row" : `${M} rows`, rates: BUILDS.map((build) => rate(id, build)) }));
  const scale = WIDTH / Math.max(...roofs, ...rows.flatMap(({ rates }) => rates), 1) / 1.05;
  const own = (i: number) => (i === 1 ? ' class="own"' : "");
  const bars = rows.flatMap(({ name, rates }, k) => [
    `<text x="${LEFT - 8}" y="${TOP + k * ROW + 25}" text-anchor="end">${name}</text>`,
    ...rates.flatMap((value, i) => {
      const y = TOP + k * ROW + i * 20;
      return [
        `<rect x="${LEFT}" y="${y}" width="${(scale * value).toFixed(1)}" height="${BAR}" rx="3"${own(i)}/>`,
        `<text x="${LEFT + 6}" y="${y + 13}" class="in">${value.toFixed(1)}</text>`,
      ];
    }),
  ]);
  const bottom = TOP + rows.length * ROW - 6;
  const lines = roofs.map((roof, i) => {
    const x = (LEFT + scale * roof).toFixed(1);
    return `<line x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${bottom}"${own(i)}/>`;
  });
  const [low, high] = roofs.map((roof) => roof.toFixed(1));
  const said = rows.map(({ name, rates }) => `${name} ${rates.map((value) => value.toFixed(1)).join(" and ")}`).join(", ");
  const { cpu, host, date } = machine;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 ${bottom + 46}" width="640" height="${bottom + 46}" role="img" aria-label="A product with 128 × 512 weights in GFLOP/s, baseline and relaxed: ${said}; the rooflines are ${low} and ${high}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #444c56 } .title { font-weight: 600; font-size: 15px } .note { font-size: 11px } .in { fill: #fff; font-size: 12px }
    rect { fill: #7d8793 } rect.own { fill: #0b68cb } line { stroke: #7d8793; stroke-width: 1.5; stroke-dasharray: 4 3 } line.own { stroke: #0b68cb }
    @media (prefers-color-scheme: dark) { text { fill: #c3cbd4 } .in { fill: #fff } rect { fill: #57606a } rect.own { fill: #2f7fc4 } line { stroke: #8b949e } line.own { stroke: #5eb0ef } }
  </style>
  <text x="0" y="18" class="title">A product with 128 × 512 weights, GFLOP/s</text>
  <text x="0" y="34" class="note">grey: baseline; blue: relaxed; dashed: what registers alone reach, ${low} and ${high}</text>
  ${[...bars, ...lines].join("\n  ")}
  <text x="0" y="${bottom + 26}" class="note">${date}, ${host}, ${cpu}, one thread; npm run bench -- gemm roofline --node 24</text>
</svg>
`;
}
