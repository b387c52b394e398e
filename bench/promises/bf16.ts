/**
 * bf16 weights: the step at H 512 and 1024 against the f32 step, interleaved, and what they cost in accuracy: held-out
 * bits per character of a character LSTM that has just been trained, with f32 and with bf16 weights.
 */

import { createRuntime, Generator, LSTM, type Runtime } from "wasm-rnn";
import { loadBook } from "../../examples/char-lstm/data.js";
import { bitsPerCharacter, CharModel } from "../../examples/char-lstm/model.js";
import { train } from "../../examples/char-lstm/train.js";
import { Vocabulary } from "../../examples/char-lstm/vocabulary.js";
import { assertClose, type Case, measure, numbers } from "../harness.js";
import type { Promised } from "./promise.js";

/** Characters of held-out text that are read. */
const HELD_OUT = 20_000;

export const bf16: Promised = {
  id: "bf16/lstm",
  async run({ builds, quick, print }) {
    const contenders: Record<string, Record<string, number>> = {};
    const ratios: Record<string, number> = {};
    for (const build of builds) {
      using rt = await createRuntime({ build });
      const quantities: Record<string, number> = {};
      for (const H of [512, 1024]) {
        const pair = stepCases(rt, H);
        for (const one of pair) one.validate();
        const [plain, small] = [...measure(pair, quick ? 0.1 : 1).values()];
        const ratio = (plain?.minMs as number) / (small?.minMs as number);
        quantities[`stepH${H}/f32/minMs`] = plain?.minMs as number;
        quantities[`stepH${H}/bf16/minMs`] = small?.minMs as number;
        ratios[`${build} bf16 over f32, step H${H}`] = ratio;
        print(
          `bf16 step H${H} ${build.padEnd(9)} ${ratio.toFixed(2)} times as fast as f32 (${((small?.minMs as number) * 1000).toFixed(1)} µs)`,
        );
      }
      contenders[`wasm-rnn/${build}`] = quantities;
    }
    const build = builds.at(-1) as (typeof builds)[number];
    using rt = await createRuntime({ build });
    const { f32, bf16: small } = await accuracy(rt, quick ? 100 : 1500);
    Object.assign(contenders[`wasm-rnn/${build}`] as object, { bitsPerCharacterF32: f32, bitsPerCharacterBf16: small });
    print(`bf16 weights  ${f32.toFixed(4)} bits per character in f32, ${small.toFixed(4)} in bf16: ${(small - f32).toFixed(5)} more`);
    return { contenders, ratios };
  },
};

function stepCases(rt: Runtime, H: number): Case[] {
  const layers = [new LSTM(rt, { inputSize: H, hiddenSize: H }), new LSTM(rt, { inputSize: H, hiddenSize: H, weights: "bf16" })] as const;
  const parameters = layers[0].parameters();
  layers[1].parameters().forEach((parameter, i) => {
    parameter.set(parameters[i]?.toArray() as Float32Array);
  });
  const streams = layers.map((layer) => layer.stream());
  for (const stream of streams) stream.input.set(numbers(H));
  return streams.map((stream, i) => ({
    id: `step-H${H}`,
    contender: i === 0 ? "f32" : "bf16",
    flops: 0,
    validate() {
      for (const each of streams) each.step();
      assertClose(this.id, streams[1]?.output as Float32Array, streams[0]?.output as Float32Array, 0.01);
    },
    run: () => stream.step(),
  }));
}

async function accuracy(rt: Runtime, steps: number): Promise<{ f32: number; bf16: number }> {
  const book = loadBook();
  const vocabulary = Vocabulary.of(book.training);
  const sizes = { vocabulary: vocabulary.size, embed: 32, hidden: 128, layers: 1, batch: 4 };
  const model = new CharModel(rt, sizes, new Generator(1));
  const training = { batch: sizes.batch, length: 64, seed: 1, lr: 0.006, warmup: 20, clip: 1, steps };
  await train(model, vocabulary.encode(book.training), training);
  const heldOut = vocabulary.encode(book.heldOut).slice(0, HELD_OUT);
  const small = new CharModel(rt, { ...sizes, weights: "bf16" });
  const trained = model.parameters();
  for (const [i, parameter] of small.parameters().entries()) parameter.set(trained[i].toArray());
  return { f32: await bitsPerCharacter(model, heldOut), bf16: await bitsPerCharacter(small, heldOut) };
}
