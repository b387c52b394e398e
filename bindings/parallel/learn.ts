/** The gradients of a batch from a pool: parts of a fixed size, computed anywhere and in any order, added in the order of their places. */
import type { Picked } from "../training/data.js";
import type { Measured } from "../training/measure.js";
import type { Metrics } from "../training/metrics.js";
import { type Learn, nonFinite, type RunState } from "../training/run.js";
import type { Settings } from "../training/settings.js";
import { countLearned, nonFiniteIn } from "../training/step.js";
import { zeroGradients } from "../training/trained.js";
import { shareable } from "./host.js";
import { countPart } from "./part-metrics.js";
import type { Pool } from "./pool.js";
import { Reduction } from "./reduce.js";
import { Sections } from "./sections.js";
import { writeSetup } from "./setup.js";
import { describeModel, type ModelModule, packed } from "./travel.js";
import type { GradientAnswer, GradientTask, Part } from "./wire.js";

/** Parts under way or not yet added, for each worker: while one is added the next is computed, and memory stays bounded. */
const AHEAD = 2;

/** A part of a batch, for one output. */
interface Piece {
  readonly picked: readonly Picked[];
  readonly task: Omit<GradientTask, "slot">;
  /** Whether it is the output's last. */
  readonly isLast: boolean;
}

/** Learns over a pool, for one run of `fit`. */
export class PoolLearner {
  readonly #settings: Settings;
  readonly #pool: Pool;
  readonly #microBatch: number;
  readonly #sections: Sections;
  readonly #reduction: Reduction;
  readonly #setup: Part;
  readonly #close: () => void;
  readonly #shared: Uint8Array | undefined;
  readonly #slots: readonly Uint8Array[];
  #parameters: (Part & { readonly version: string }) | undefined;

  /** @throws {ArgumentError} on a model that workers cannot make */
  constructor(settings: Settings, pool: Pool, microBatch: number, module: ModelModule | undefined) {
    const { model, named, learned } = settings;
    const { outputs, batching } = learned;
    this.#settings = settings;
    this.#pool = pool;
    this.#microBatch = microBatch;
    this.#sections = new Sections(named);
    this.#reduction = new Reduction(model.runtime, this.#sections, outputs.length);
    this.#setup = pool.part(writeSetup(describeModel(model, module, { outputs, features: batching.features })));
    this.#close = pool.open(this.#setup);
    const { bytes } = this.#sections;
    this.#shared = pool.sharesMemory ? shareable(bytes) : undefined;
    this.#slots = pool.sharesMemory ? Array.from({ length: AHEAD * pool.workers }, () => shareable(bytes)) : [];
  }

  dispose(): void {
    this.#close();
    this.#reduction.dispose();
  }

  readonly learn: Learn = async (run, picked) => {
    const { generators, model, optimizer, named, learned } = run.settings;
    if (run.gradients === "unknown") {
      zeroGradients(optimizer, named);
      run.gradients = "zero";
    }
    const generator = generators[0] ?? model.runtime.generator;
    const before = generator.state;
    const sums = learned.outputs.map((): Measured => ({ loss: 0, weight: 0 }));
    await this.#inOrder(this.#piecesOf(picked, generator.bits()), (piece, answer) => {
      if (answer.isBad) {
        generator.state = before;
        throw nonFinite(run, `the loss is ${answer.loss}`, answer.culprit, undefined, undefined, nonFiniteIn(run, [picked]));
      }
      const { output } = piece.task;
      const sum = sums[output] as Measured;
      sums[output] = { loss: sum.loss + answer.loss, weight: sum.weight + answer.weight };
      if (answer.weight !== 0) this.#add(run, piece, answer);
      if (piece.isLast) this.#finish(run, output, sums[output]);
    });
    const counted = sums.filter(({ weight }) => weight !== 0);
    const loss = counted.reduce((sum, each) => sum + each.loss / each.weight, 0);
    const weight = counted.reduce((sum, each) => sum + each.weight, 0);
    if (weight === 0) generator.state = before;
    countLearned(run, picked, { loss, weight });
  };

  #piecesOf(picked: readonly Picked[], draw: number): Piece[] {
    const { trained } = this.#sections;
    const parts: (readonly Picked[])[] = [];
    for (let i = 0; i < picked.length; i += this.#microBatch) parts.push(picked.slice(i, i + this.#microBatch));
    return this.#settings.learned.outputs.flatMap(({ names, own }, output) => {
      const wantsPrediction = names.some((name) => name !== "perplexity") || own.length > 0;
      return parts.map((picked, part): Piece => {
        const task = { picked: packed(picked), output, part, draw, trained, wantsPrediction };
        return { picked, task, isLast: part === parts.length - 1 };
      });
    });
  }

  /** Has all computed, and takes the answers in order. Where one fails, those under way are waited for: their slots are still written to. */
  async #inOrder(pieces: readonly Piece[], take: (piece: Piece, answer: GradientAnswer) => void): Promise<void> {
    const window = AHEAD * this.#pool.workers;
    const parameters = this.#publish();
    const started: Promise<GradientAnswer>[] = [];
    const start = (i: number) => {
      const { task, picked } = pieces[i] as Piece;
      const job = this.#pool.job("gradients", [this.#setup, parameters], { ...task, slot: this.#slots[i % window] } satisfies GradientTask);
      const name = `part ${task.part} of a batch (samples ${picked.map(({ index }) => index).join(", ")})`;
      const answer = this.#pool.run(job, name) as Promise<GradientAnswer>;
      answer.catch(() => {}); // it is told when its turn comes
      started.push(answer);
    };
    try {
      for (let i = 0; i < Math.min(window, pieces.length); i++) start(i);
      for (const [i, piece] of pieces.entries()) {
        const answer = await (started[i] as Promise<GradientAnswer>);
        take(piece, answer.gradients ? answer : { ...answer, gradients: this.#slots[i % window] as Uint8Array });
        if (i + window < pieces.length) start(i + window);
      }
    } finally {
      await Promise.allSettled(started);
    }
  }

  /** The parameters as they are. All that reads the shared bytes has ended when they change. */
  #publish(): Part {
    const { version } = this.#sections;
    if (this.#parameters?.version === version) return this.#parameters;
    const bytes = this.#shared ?? new Uint8Array(this.#sections.bytes);
    this.#sections.copyTo(bytes);
    this.#parameters = { ...this.#pool.part(bytes), version };
    return this.#parameters;
  }

  #add(run: RunState, { picked, task }: Piece, { gradients, prediction }: GradientAnswer): void {
    run.gradients = "ours";
    this.#reduction.add(gradients as Uint8Array);
    if (prediction) countPart(run, task.output, picked, prediction);
  }

  /** Where batches accumulate, the step divides by the weight of all of them. */
  #finish(run: RunState, output: number, { loss, weight }: Measured): void {
    if (weight === 0) return;
    const { learned, fixed } = run.settings;
    this.#reduction.finish(learned.outputs[output]?.loss.reduction === "mean" && fixed.accumulate === 1 ? 1 / weight : 1);
    (run.scores.of[output] as Metrics).addLoss(loss, weight);
  }
}
