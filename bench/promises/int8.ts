/**
 * Weights in int8: a step and sequences against f32, interleaved, and what they cost in accuracy: held-out bits per character of a
 * character LSTM that has just been trained, before and after quantize.
 */
import { createRuntime, Generator, LSTM, type Runtime } from "wasm-rnn";
import { loadInt8, quantize } from "wasm-rnn/int8";
import { loadBook } from "../../examples/char-lstm/data.js";
import { bitsPerCharacter, CharModel } from "../../examples/char-lstm/model.js";
import { train } from "../../examples/char-lstm/train.js";
import { Vocabulary } from "../../examples/char-lstm/vocabulary.js";
import { assertClose, type Case, measure, numbers } from "../harness.js";
import type { Promised } from "./promise.js";

/** Characters of held-out text that are read. */
const HELD_OUT = 20_000;
/** Whole sequences: T, N. */
const SEQUENCES = [
  [50, 1],
  [10, 32],
] as const;
/** Of a layer's outputs, which lie within ±1. */
const TOLERANCE = 0.1;

export const int8: Promised = {
  id: "int8/lstm",
  async run({ builds, quick, print }) {
    const contenders: Record<string, Record<string, number>> = {};
    const ratios: Record<string, number> = {};
    for (const build of builds) {
      using rt = await createRuntime({ build });
      await loadInt8(rt);
      const quantities: Record<string, number> = {};
      for (const H of quick ? [128, 512] : [64, 128, 256, 512, 1024]) {
        for (const pair of pairs(rt, H)) {
          for (const one of pair) one.validate();
          const [plain, small] = [...measure(pair, quick ? 0.1 : 0.5).values()].map((times) => times.minMs) as [number, number];
          const { id } = pair[0] as Case;
          Object.assign(quantities, { [`${id}/f32/minMs`]: plain, [`${id}/int8/minMs`]: small });
          ratios[`${build} int8 over f32, ${id}`] = plain / small;
          print(
            `int8 ${id.padEnd(22)} ${build.padEnd(9)} ${(plain / small).toFixed(2)} times as fast as f32 (${(small * 1000).toFixed(1)} µs)`,
          );
        }
      }
      contenders[`wasm-rnn/${build}`] = quantities;
    }
    const build = builds.at(-1) as (typeof builds)[number];
    using rt = await createRuntime({ build });
    const { f32, int8: rounded } = await accuracy(rt, quick ? 100 : 1500);
    Object.assign(contenders[`wasm-rnn/${build}`] as object, { bitsPerCharacterF32: f32, bitsPerCharacterInt8: rounded });
    print(`int8 weights  ${f32.toFixed(4)} bits per character in f32, ${rounded.toFixed(4)} in int8: ${(rounded - f32).toFixed(5)} more`);
    return { contenders, ratios };
  },
};

/** A step, and sequences, each in f32 and in int8. */
function pairs(rt: Runtime, H: number): Case[][] {
  const plain = new LSTM(rt, { inputSize: H, hiddenSize: H });
  const small = new LSTM(rt, { inputSize: H, hiddenSize: H, weights: "int8" });
  small.loadStateDict(plain.stateDict());
  const both = [plain, small] as const;
  const streams = both.map((layer) => layer.stream());
  for (const stream of streams) stream.input.set(numbers(H));
  const cases = (id: string, run: (i: 0 | 1) => unknown, outputs: () => ArrayLike<number>[]): Case[] =>
    ([0, 1] as const).map((i) => ({
      ...{ id, contender: i === 0 ? "f32" : "int8", flops: 0 },
      validate() {
        const [wanted, got] = outputs() as [ArrayLike<number>, ArrayLike<number>];
        assertClose(id, got, wanted, TOLERANCE);
      },
      run: () => void run(i),
    }));
  const step = cases(
    `step/N1-H${H}`,
    (i) => streams[i]?.step(),
    () => {
      for (const stream of streams) stream.step();
      return streams.map(({ output }) => output);
    },
  );
  const forwards = SEQUENCES.map(([T, N]) => {
    const x = rt.tensor(numbers(T * N * H), [T, N, H]);
    return cases(
      `forward/T${T}-N${N}-H${H}`,
      (i) => both[i].forward(x),
      () => both.map((layer) => layer.forward(x).output.toArray()),
    );
  });
  return [step, ...forwards];
}

async function accuracy(rt: Runtime, steps: number): Promise<{ f32: number; int8: number }> {
  const book = loadBook();
  const vocabulary = Vocabulary.of(book.training);
  const sizes = { vocabulary: vocabulary.size, embed: 32, hidden: 128, layers: 1, batch: 4 };
  const model = new CharModel(rt, sizes, new Generator(1));
  const training = { batch: sizes.batch, length: 64, seed: 1, lr: 0.006, warmup: 20, clip: 1, steps };
  await train(model, vocabulary.encode(book.training), training);
  const heldOut = vocabulary.encode(book.heldOut).slice(0, HELD_OUT);
  const f32 = await bitsPerCharacter(model, heldOut);
  await quantize(model);
  return { f32, int8: await bitsPerCharacter(model, heldOut) };
}
