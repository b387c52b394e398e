/** What several think of a word: two networks by the sounds of their frames, and the n-gram. */
import { type Prediction, predict, type Runtime } from "wasm-rnn";
import { CTCLoss, ctcBeam } from "wasm-rnn/sequence";
import { PHONE_OF, PHONES } from "./data.js";
import { encoder } from "./letters.js";
import type { Spellers } from "./model.js";

/** Hypotheses that the beam of each network follows. */
const BEAM = 16;
/** The blank and the phones. */
const CLASSES = PHONES.length + 1;

export interface Hypothesis {
  readonly phones: readonly number[];
  /** The mean of what both networks say, in nats. */
  readonly logProbability: number;
}

/** The logarithms of the chances of each frame's phones, whatever their stress. */
function withoutStress({ data, shape }: Prediction): { data: Float32Array; shape: [number, number] } {
  const [frames, sounds] = shape as [number, number];
  const chances = new Float32Array(frames * CLASSES);
  for (let t = 0; t < frames; t++) {
    const row = Array.from({ length: sounds }, (_, sound) => data[t * sounds + sound] as number);
    const most = Math.max(...row);
    const all = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    for (const [sound, logit] of row.entries())
      (chances[t * CLASSES + (PHONE_OF[sound] as number)] as number) += Math.exp(logit - most) / all;
  }
  return { data: chances.map(Math.log), shape: [frames, CLASSES] };
}

/**
 * The hypotheses of both networks, and others, each judged by both; the likeliest first.
 *
 * @param others for each word, more that are to be judged
 */
export async function opinions(
  model: Spellers,
  spellings: readonly string[],
  others: (spelling: string) => readonly (readonly number[])[] = () => [],
): Promise<Hypothesis[][]> {
  const [first, second] = [encoder(model.layers.first.trios), encoder(model.layers.second.trios)];
  const said = await predict(
    model,
    spellings.map((spelling) => ({ x: { first: first(spelling), second: second(spelling) } })),
  );
  const criterion = new CTCLoss(model.runtime, { reduction: "sum" });
  const judged = spellings.map((spelling, w) => {
    const { first, second } = said[w] as (typeof said)[0];
    const both = [withoutStress(first), withoutStress(second)];
    const found = [
      ...both.flatMap((chances) => ctcBeam(chances, { beamWidth: BEAM }).map(({ labels }) => [...labels])),
      ...others(spelling),
    ];
    const different = [...new Map(found.filter(({ length }) => length > 0).map((phones) => [phones.join(), phones])).values()];
    return different
      .map((phones) => ({ phones, logProbability: judge(model.runtime, criterion, both, phones) }))
      .sort((a, b) => b.logProbability - a.logProbability);
  });
  criterion.dispose();
  return judged;
}

function judge(rt: Runtime, criterion: CTCLoss, both: readonly ReturnType<typeof withoutStress>[], phones: readonly number[]): number {
  using labels = rt.tensor(Int32Array.from(phones), [phones.length]);
  const losses = both.map(({ data, shape }) => {
    using chances = rt.tensor(data, shape);
    return criterion.forward(chances, labels).loss;
  });
  return -losses.reduce((a, b) => a + b) / losses.length;
}
