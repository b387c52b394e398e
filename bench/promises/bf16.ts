/**
 * bf16 weights: the step at H 512 and 1024 against the f32 step, interleaved, and what they cost in accuracy: held-out
 * bits per character of a character LSTM that has just been trained, with f32 and with bf16 weights.
 */

import { createRuntime, Generator, LSTM, type Runtime } from "wasm-rnn";
import { Batches } from "../../examples/char-lstm/batches.js";
import { CharModel, Trainer } from "../../examples/char-lstm/model.js";
import { loadBook } from "../../examples/char-lstm/text.js";
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
    const { f32, bf16: small } = bitsPerCharacter(rt, quick ? 100 : 1500);
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

function bitsPerCharacter(rt: Runtime, steps: number): { f32: number; bf16: number } {
  const book = loadBook();
  const vocabulary = Vocabulary.of(book.training);
  const generator = new Generator(1);
  const sizes = { vocabulary: vocabulary.size, embed: 32, hidden: 128, layers: 1 };
  const shape = { batch: 4, length: 64 };
  const model = new CharModel(rt, sizes, generator);
  const trainer = new Trainer(model, { lr: 0.006, warmup: 20, clip: 1 });
  const batches = new Batches(vocabulary.encode(book.training), shape, generator);
  const state = model.zeroState(shape.batch);
  const inputs = rt.zeros([shape.length, shape.batch], { dtype: "i32" });
  const targets = rt.zeros([shape.length, shape.batch], { dtype: "i32" });
  for (let step = 0; step < steps; step++) {
    batches.next(inputs.data as Int32Array, targets.data as Int32Array);
    trainer.step(inputs, targets, state, step, steps);
  }
  const heldOut = vocabulary.encode(book.heldOut).slice(0, HELD_OUT);
  const f32 = model.evaluate(heldOut) / Math.LN2;
  const { lstm } = model.layers;
  const small = new LSTM(rt, { inputSize: sizes.embed, hiddenSize: sizes.hidden, weights: "bf16" });
  small.parameters().forEach((parameter, i) => {
    parameter.set(lstm.parameters()[i]?.toArray() as Float32Array);
  });
  model.layers.lstm = small;
  return { f32, bf16: model.evaluate(heldOut) / Math.LN2 };
}
