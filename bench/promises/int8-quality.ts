/** What int8 costs where classes are told: accuracy of three examples' networks on what they did not learn, before and after quantize. */
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadInt8, quantize } from "wasm-rnn/int8";
import { loadOperators } from "wasm-rnn/ops";
import * as dna from "../../examples/dna/data.js";
import { foldsOf } from "../../examples/dna/folds.js";
import * as readers from "../../examples/dna/learn.js";
import { best } from "../../examples/dna/naive-bayes.js";
import { loadPlaces } from "../../examples/sensor-faults/data.js";
import { learn as learnPlaces, listen } from "../../examples/sensor-faults/learn.js";
import { FOLDS, loadSentences } from "../../examples/sentiment/data.js";
import { learn as learnSentences, logitsOf } from "../../examples/sentiment/learn.js";
import type { Promised } from "./promise.js";

const { signal } = new AbortController();

/** A network that learned a fold's others, and what it says of the fold's own. */
interface Judge {
  readonly model: Parameters<typeof quantize>[0];
  readonly classes: readonly number[];
  said(): Promise<number[]>;
}
type Fold = (rt: Runtime, fold: number) => Promise<Judge>;

export const int8Quality: Promised = {
  id: "int8/quality",
  async run({ builds, quick, print }) {
    const build = builds.at(-1) as (typeof builds)[number];
    const quantities: Record<string, number> = {};
    for (const [name, folds, fold] of [
      ["sentiment", FOLDS, await sentences()],
      ["dna", 10, await windows()],
      ["sensor-faults", 4, places()],
    ] as const) {
      const sum = { total: 0, f32: 0, int8: 0, changed: 0 };
      for (let each = 0; each < (quick ? 1 : folds); each++) {
        using rt = await createRuntime({ build, seed: 1 + each });
        await Promise.all([loadOperators(rt), loadInt8(rt)]);
        const { model, classes, said } = await fold(rt, each);
        const f32 = await said();
        await quantize(model);
        const int8 = await said();
        sum.total += classes.length;
        sum.f32 += f32.filter((one, i) => one === classes[i]).length;
        sum.int8 += int8.filter((one, i) => one === classes[i]).length;
        sum.changed += int8.filter((one, i) => one !== f32[i]).length;
      }
      const [f32, int8] = [(100 * sum.f32) / sum.total, (100 * sum.int8) / sum.total];
      const { total, changed } = sum;
      Object.assign(quantities, { [`${name}/total`]: total, [`${name}/f32`]: f32, [`${name}/int8`]: int8, [`${name}/changed`]: changed });
      print(
        `int8 ${name.padEnd(14)} ${f32.toFixed(2)} % of ${total} right in f32, ${int8.toFixed(2)} in int8: ${(int8 - f32).toFixed(2)} points; ${changed} judged otherwise`,
      );
    }
    return { contenders: { [`wasm-rnn/${build}`]: quantities }, ratios: {} };
  },
};

async function sentences(): Promise<Fold> {
  const all = loadSentences();
  return async (rt, fold) => {
    const model = await learnSentences(
      rt,
      all.filter((each) => each.fold !== fold),
      { epochs: 5, signal },
    );
    const own = all.filter((each) => each.fold === fold);
    const texts = own.map(({ text }) => text);
    const said = async () => (await logitsOf(model, texts)).map(({ networks }) => Number(networks > 0));
    return { model, classes: own.map((each) => each.class), said };
  };
}

async function windows(): Promise<Fold> {
  const all = await dna.loadWindows();
  const foldOf = foldsOf(all, 10, 1);
  return async (rt, fold) => {
    const model = await readers.learn(
      rt,
      all.filter((_, i) => foldOf[i] !== fold),
      { ...readers.SETTINGS, seed: 1 },
      { signal },
    );
    const own = all.filter((_, i) => foldOf[i] === fold);
    const said = async () => (await readers.logitsOf(model, own)).map(best);
    return { model, classes: own.map(({ label }) => label), said };
  };
}

/** Every reading is one, faulty where its logit is above 0. */
function places(): Fold {
  const all = loadPlaces();
  return async (rt, fold) => {
    const model = await learnPlaces(
      rt,
      "GRU",
      all.filter((_, i) => i !== fold),
      { epochs: 10, seed: 1 },
    );
    const { motes } = all[fold] as (typeof all)[number];
    const said = async () => listen(model, { motes }).flatMap((logits) => Array.from(logits, (x) => Number(x > 0)));
    return { model, classes: motes.flat().map(({ label }) => label), said };
  };
}
