/** How often a check by chance is made: as often as it is worth in `npm run test:slow`, a fifth of it where every change waits for it. */
export function sweep(all: number): number {
  return process.env.WASM_RNN_SWEEPS === "all" ? all : Math.ceil(all / 5);
}
