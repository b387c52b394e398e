/** A model as a table. */
import { sizeOf } from "./checks.js";
import type { Parametric } from "./layers/parametric.js";
import { bytesPer } from "./tensor.js";

/** @internal A line a layer: name, type, parameters, shapes; the sum below. */
export function summaryOf(layers: readonly [string, Parametric][]): string {
  const rows = layers.map(([name, layer]) => {
    const parameters = layer.parameters();
    const count = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const frozen = parameters.length > 0 && !layer.requiresGrad ? " (frozen)" : "";
    const shapes = parameters.map((p) => `${p.name} [${p.shape.join(", ")}]`).join("  ");
    return { name, type: `${layer.name}${frozen}`, shapes, count, bytes: count * bytesPer(layer.dtype) };
  });
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const widest = (texts: readonly string[]) => texts.reduce((most, { length }) => Math.max(most, length), 0);
  const [names, types] = [widest(rows.map((r) => r.name)), widest(rows.map((r) => r.type))];
  const counts = widest([...rows.map((r) => grouped(r.count)), grouped(total)]);
  const lines = rows.map((r) =>
    `${r.name.padEnd(names)}  ${r.type.padEnd(types)}  ${grouped(r.count).padStart(counts)}  ${r.shapes}`.trimEnd(),
  );
  return [...lines, `${"total".padEnd(names + types + 2)}  ${grouped(total).padStart(counts)}  ${kilobytes(bytes)}`].join("\n");
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function kilobytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
