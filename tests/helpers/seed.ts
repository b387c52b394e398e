/** The seed of a test that draws its own randomness, printed: WASM_RNN_SEED, to run it again, or another every time. */
export function printedSeed(test: string): number {
  const given = process.env.WASM_RNN_SEED;
  const seed = given === undefined ? Date.now() % 2 ** 31 : Number(given);
  console.log(`${test}: WASM_RNN_SEED=${seed}`);
  return seed;
}
