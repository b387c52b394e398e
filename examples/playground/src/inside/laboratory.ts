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

const ROUNDS = 36;
const SAMPLES = 320;
const LEARNING_RATE = 0.02;

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

  /** From the fresh weights of this seed. @returns the last report */
  async train(lesson: LessonName, seed: number, onReport: (report: Report) => void): Promise<Report> {
    this.#stopped = false;
    const learners = this.#replace(lesson, seed).map((network) => {
      return { network, optimizer: new Adam(network.model.parameters(), { lr: LEARNING_RATE }), random: new Generator(7) };
    });
    const questions = exam(lesson, new Generator(5));
    let report: Report = { done: 0, rounds: ROUNDS, accuracy: [] };
    while (report.done < ROUNDS && !this.#stopped) {
      const accuracy: number[] = [];
      for (const { network, optimizer, random } of learners) {
        await this.#turns.take(() => learn(network, samples(lesson, SAMPLES, random), optimizer));
        accuracy.push(await this.#turns.take(() => accuracyOf(network, questions)));
      }
      report = { done: report.done + 1, rounds: ROUNDS, accuracy };
      onReport(report);
    }
    for (const { optimizer } of learners) optimizer.dispose();
    return report;
  }

  /** Ends the training after the round under way. */
  stop(): void {
    this.#stopped = true;
  }

  /** The trained networks as files, in the order of CELLS. */
  save(lesson: LessonName): Uint8Array<ArrayBuffer>[] {
    return this.#of(lesson, "trained").map(({ model }) => model.save());
  }

  /** Takes such files, of networks that began with this seed. @throws {FormatError} when they are of other networks */
  load(lesson: LessonName, seed: number, files: readonly Uint8Array[]): void {
    for (const [i, { model }] of this.#replace(lesson, seed).entries()) model.load(files[i] as Uint8Array);
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
