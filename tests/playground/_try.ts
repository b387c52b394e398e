import { Adam, createRuntime, Generator } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/cells";
import { CELLS, makeNetwork, learn, accuracyOf } from "../../examples/playground/src/inside/networks.js";
import { samples, exam } from "../../examples/playground/src/inside/lessons.js";
const lr = Number(process.argv[2] ?? 0.01), seed = Number(process.argv[3] ?? 1);
for (const lesson of ["letters", "numbers"] as const) for (const cell of CELLS) {
  const rt = await createRuntime({ seed }); await loadOperators(rt);
  const net = makeNetwork(rt, cell, lesson);
  const random = new Generator(7), test = exam(lesson, 200, new Generator(5));
  const adam = new Adam(net.model.parameters(), { lr });
  const out: string[] = []; const start = performance.now();
  for (let k = 0; k < 30; k++) { await learn(net, samples(lesson, 320, random), adam); if (k % 3 === 2) out.push((await accuracyOf(net, test)).toFixed(2)); }
  console.log(lesson, cell, out.join(" "), ((performance.now() - start) / 1000).toFixed(1) + " s", net.model.parameters().reduce((s,p)=>s+p.shape.reduce((a,b)=>a*b,1),0));
}
