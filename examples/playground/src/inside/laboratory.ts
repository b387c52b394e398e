/** The networks of both lessons, fresh and trained: one thing at a time is done with them. */
import { Adam, Generator, type Runtime } from "wasm-rnn";
import { Turns } from "../shared/turns.js";
import { exam, type LessonName, type Steps, samples } from "./lessons.js";
import { accuracyOf, learn, makeNetwork, type Network } from "./networks.js";
import { CELLS, FIRST_SEED } from "./sizes.js";
import { type Trace, traceOf } from "./trace.js";

export type State = "fresh" | "trained";

export interface Report {
  /** Rounds, one of which is so many samples. */
  readonly done: number;
  readonly rounds: number;
  /** Of each cell, in the order of CELLS. */
  readonly accuracy: readonly number[];
}

/** All that is needed to go on with a lesson after a round. */
export interface Learned {
  /** Of the weights that it began with. */
  readonly seed: number;
  readonly report: Report;
  /** In the order of CELLS. */
  readonly learners: readonly Learner[];
}

interface Learner {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly optimizer: Uint8Array<ArrayBuffer>;
  /** Of the samples. */
  readonly random: readonly number[];
}

const ROUNDS = 36;
const SAMPLES = 320;
const LEARNING_RATE = 0.02;

interface Begun {
  readonly network: Network;
  readonly optimizer: Adam;
  readonly random: Generator;
}

function stateOf({ network, optimizer, random }: Begun): Learner {
  return { model: network.model.save(), optimizer: optimizer.save(), random: random.state };
}

export class Laboratory {
  readonly #rt: Runtime;
  readonly #networks = new Map<string, readonly Network[]>();
  readonly #seeds = new Map<LessonName, number>();
  /** What traces and what trains must not meet in the same network: both use its gradients. */
  readonly #turns = new Turns();
  #stopped = false;

  constructor(rt: Runtime) {
    this.#rt = rt;
  }

  /** Between two slices of a training, too. */
  trace(lesson: LessonName, state: State, sequence: Steps): Promise<Trace[]> {
    return this.#turns.take(() => this.#of(lesson, state).map((network) => traceOf(network, sequence)));
  }

  /** @param from a seed of fresh weights, or where it was left @param onRound gets all of it after each round */
  async train(lesson: LessonName, from: number | Learned, onRound: (learned: Learned) => void): Promise<void> {
    this.#stopped = false;
    const before = typeof from === "number" ? undefined : from;
    const seed = before?.seed ?? (from as number);
    const learners = this.#begun(lesson, seed, before);
    const questions = exam(lesson, new Generator(5));
    let done = before?.report.done ?? 0;
    while (done < ROUNDS && !this.#stopped) {
      const accuracy: number[] = [];
      for (const { network, optimizer, random } of learners) {
        const how = { optimizer, seed: done };
        await this.#turns.take(() => learn(network, samples(lesson, SAMPLES, random), how));
        accuracy.push(await this.#turns.take(() => accuracyOf(network, questions)));
      }
      done++;
      onRound({ seed, report: { done, rounds: ROUNDS, accuracy }, learners: learners.map(stateOf) });
    }
    for (const { optimizer } of learners) optimizer.dispose();
  }

  /** Ends the training after the round under way. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes what was learned before, to look at. @throws {FormatError} when it is of other networks */
  load(lesson: LessonName, { seed, learners }: Learned): void {
    for (const [i, { model }] of this.#replace(lesson, seed).entries()) model.load((learners[i] as Learner).model);
  }

  #begun(lesson: LessonName, seed: number, before: Learned | undefined): Begun[] {
    return this.#replace(lesson, seed).map((network, i) => {
      const optimizer = new Adam(network.model.parameters(), { lr: LEARNING_RATE });
      const random = new Generator(7);
      const learner = before?.learners[i];
      if (learner) {
        network.model.load(learner.model);
        optimizer.load(learner.optimizer);
        random.state = learner.random;
      }
      return { network, optimizer, random };
    });
  }

  /** Networks to be trained, and fresh ones beside them, in the place of those that were. */
  #replace(lesson: LessonName, seed: number): readonly Network[] {
    for (const state of ["fresh", "trained"]) {
      for (const { model } of this.#networks.get(`${lesson} ${state}`) ?? []) model.dispose();
      this.#networks.delete(`${lesson} ${state}`);
    }
    this.#seeds.set(lesson, seed);
    return this.#of(lesson, "trained");
  }

  #of(lesson: LessonName, state: State): readonly Network[] {
    const [key, seed] = [`${lesson} ${state}`, this.#seeds.get(lesson) ?? FIRST_SEED];
    const networks = this.#networks.get(key) ?? CELLS.map((cell) => makeNetwork(this.#rt, cell, lesson, seed));
    this.#networks.set(key, networks);
    return networks;
  }
}
