/** Means of ratios. */

/** Geometric means, by what is compared and by family: "lstm-forward", "gemm" … */
export function geomeans(
  results: readonly { readonly id: string; readonly ratios: Readonly<Record<string, number>> }[],
): Record<string, Record<string, number>> {
  const logs: Record<string, Record<string, number[]>> = {};
  for (const { id, ratios } of results) {
    for (const [name, ratio] of Object.entries(ratios)) {
      const family = id.split("/")[0] as string;
      logs[name] ??= {};
      logs[name][family] = [...(logs[name][family] ?? []), Math.log(ratio)];
    }
  }
  const mean = (list: number[]) => Number(Math.exp(list.reduce((a, b) => a + b) / list.length).toFixed(4));
  return mapValues(logs, (families) => mapValues(families, mean));
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}
