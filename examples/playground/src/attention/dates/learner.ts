/** The network that learns to write dates as machines do; in a worker. One thing at a time is done with it. */
import { Adam, CrossEntropyLoss, fit, Generator, OneCycleLR, type Runtime, type ScheduleState } from "wasm-rnn";
import { Seq2Seq } from "wasm-rnn/sequence";
import { Turns } from "../../shared/turns";
import { BOS, EOS, lettersOf, SOURCE_TOKENS, shown, TARGET_TOKENS, targetOf, tokensOf } from "./letters";
import { draw } from "./writings";

/** What was written, and where it looked: a row for each letter of `iso`, a column for each of `source`. */
export interface Written {
  readonly iso: string;
  readonly source: readonly string[];
  readonly weights: readonly (readonly number[])[];
}

export interface Report {
  readonly done: number;
  readonly rounds: number;
  /** Share of dates never seen that are right to the last letter. */
  readonly right: number;
}

/** All that is needed to go on after a round. */
export interface Learned {
  readonly report: Report;
  readonly model: Uint8Array<ArrayBuffer>;
  readonly optimizer: Uint8Array<ArrayBuffer>;
  readonly schedule: ScheduleState;
  /** Of the dates that are drawn. */
  readonly random: readonly number[];
}

const ROUNDS = 30;
const [BATCHES, BATCH] = [20, 32];
const RATE = 0.01;
/** Dates that `right` is measured on. */
export const QUESTIONS = 200;
/** Letters of an answer, and some more for what has not learned to end. */
const LENGTH = 14;

export class Learner {
  readonly #rt: Runtime;
  #model: Seq2Seq;
  readonly #turns = new Turns();
  #stopped = false;

  /** @param rt with the operators */
  constructor(rt: Runtime) {
    this.#rt = rt;
    this.#model = fresh(rt);
  }

  /** From random weights, each time others, or from where it was left. @param onRound gets all of it after each round */
  async learn(from: Learned | undefined, onRound: (learned: Learned) => void): Promise<void> {
    this.#stopped = false;
    await this.#turns.take(() => {
      this.#model.dispose();
      this.#model = fresh(this.#rt);
      if (from) this.#model.load(from.model);
    });
    const random = new Generator(7);
    const questions = Array.from({ length: QUESTIONS }, () => draw(random));
    const loss = new CrossEntropyLoss(this.#rt);
    const optimizer = new Adam(this.#model.parameters(), { lr: RATE });
    const schedule = new OneCycleLR(optimizer, { maxLr: RATE, totalSteps: ROUNDS * BATCHES });
    try {
      if (from) {
        optimizer.load(from.optimizer);
        schedule.load(from.schedule);
        random.state = from.random;
      }
      let done = from?.report.done ?? 0;
      while (done < ROUNDS && !this.#stopped) {
        await this.#turns.take(async () => {
          const pairs = Array.from({ length: BATCHES * BATCH }, () => draw(random));
          const data = this.#model.samples(pairs.map(({ text, iso }) => ({ source: tokensOf(text), target: targetOf(iso) })));
          const how = { batchSize: BATCH, bucketByLength: true, clipNorm: 1, schedule, scheduleEvery: "step", seed: done } as const;
          await fit(this.#model, { data, loss, optimizer, ...how });
          const said = this.#model.greedy(
            questions.map(({ text }) => tokensOf(text)),
            { length: LENGTH },
          );
          const right = said.filter(({ tokens }, i) => lettersOf(tokens) === questions[i]?.iso).length / QUESTIONS;
          const report = { done: ++done, rounds: ROUNDS, right };
          const state = { optimizer: optimizer.save(), schedule: schedule.state(), random: random.state };
          onRound({ report, model: this.#model.save(), ...state });
        });
      }
    } finally {
      optimizer.dispose();
      loss.dispose();
    }
  }

  /** Ends the training after the round under way. */
  stop(): void {
    this.#stopped = true;
  }

  /** Between two rounds of a training, too. */
  write(text: string): Promise<Written> {
    return this.#turns.take(() => {
      const [said] = this.#model.greedy([tokensOf(text)], { length: LENGTH });
      const weights = (said?.weights ?? []).map((row) => Array.from(row));
      return { iso: lettersOf(said?.tokens ?? []), source: shown(text), weights };
    });
  }

  /** Takes what was learned before, to write. @throws {FormatError} when it is of another network */
  load({ model }: Learned): void {
    this.#model.load(model);
  }
}

function fresh(rt: Runtime): Seq2Seq {
  return new Seq2Seq(rt, {
    ...{ sourceVocabularySize: SOURCE_TOKENS, targetVocabularySize: TARGET_TOKENS, bos: BOS, eos: EOS },
    ...{ embeddingDim: 24, hiddenSize: 48, attention: "general", inputFeeding: false },
  });
}
