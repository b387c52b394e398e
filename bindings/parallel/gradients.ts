/** The gradients of a batch: its parts go to the workers, what comes back is added up here, in the order of the parts. */
import { Buffers } from "../buffers.js";
import { Generator } from "../random.js";
import { readBatch } from "../training/batch.js";
import { count, type Output } from "../training/count.js";
import type { Picked } from "../training/data.js";
import type { Measured } from "../training/measure.js";
import { type Learn, nonFinite, type RunState } from "../training/run.js";
import type { Settings } from "../training/settings.js";
import { countLearned, nonFiniteIn } from "../training/step.js";
import { targetOf } from "../training/targets.js";
import { zeroGradients } from "../training/trained.js";
import type { ReplicaModule } from "./describe.js";
import { shareable } from "./host.js";
import { inOrder } from "./in-order.js";
import type { Pool } from "./pool.js";
import type { Section } from "./sections.js";
import { packed, Session } from "./session.js";
import type { GradientAnswer, GradientTask } from "./wire.js";

/** Parts that are under way for each worker: while one is added up here, the next is there. */
const AHEAD = 2;

/** Learns from batches by the workers of a pool. */
export class ParallelLearner {
  readonly #settings: Settings;
  readonly #pool: Pool;
  readonly #microBatch: number;
  readonly #session: Session;
  /** Of the runtime: the sum of an output's gradients, and the part that is to be added. */
  readonly #buffers: Buffers;
  /** Where workers put gradients, part by part, where memory is shared. */
  readonly #slots: readonly Uint8Array[];

  constructor(settings: Settings, pool: Pool, microBatch: number, module: ReplicaModule | undefined) {
    const { model, learned } = settings;
    this.#settings = settings;
    this.#pool = pool;
    this.#microBatch = microBatch;
    this.#session = new Session(pool, model, { module, outputs: learned.outputs, features: learned.batching.features });
    this.#buffers = new Buffers(model.runtime.memory);
    const { bytes } = this.#session.sections;
    this.#slots = pool.sharesMemory ? Array.from({ length: AHEAD * pool.workers }, () => shareable(bytes)) : [];
  }

  readonly learn: Learn = async (run, picked) => {
    const { generators, optimizer, named, learned } = this.#settings;
    if (run.gradients === "unknown") {
      zeroGradients(optimizer, named);
      run.gradients = "zero";
    }
    // Of a generator whose state a checkpoint keeps; a model that shows none draws by the place of the batch.
    const generator = generators[0] ?? new Generator((run.at.before + run.at.seen) | 0);
    const before = generator.state;
    const draw = generator.bits();
    const measured: Measured[] = [];
    try {
      for (const [i, output] of learned.outputs.entries()) measured.push(await this.#learnOutput(run, picked, { i, output, draw }));
    } catch (error) {
      generator.state = before;
      throw error;
    }
    const counted = measured.filter(({ weight }) => weight !== 0);
    if (counted.length === 0) generator.state = before;
    const nothing = { loss: Number.NaN, weight: 0 };
    countLearned(
      run,
      picked,
      counted.length === 0 ? nothing : counted.reduce((a, b) => ({ loss: a.loss + b.loss, weight: a.weight + b.weight })),
    );
  };

  dispose(): void {
    this.#session.close();
    if (!this.#settings.model.runtime.disposed) this.#buffers.dispose();
  }

  /** Adds the gradients of one output's loss. */
  async #learnOutput(run: RunState, picked: readonly Picked[], asked: { i: number; output: Output; draw: number }): Promise<Measured> {
    const { output, i } = asked;
    const metrics = run.scores.of[i] as (typeof run.scores.of)[0];
    let [loss, weight] = [0, 0];
    for await (const { part, answer, slot } of this.#parts(picked, asked)) {
      if (answer.isBad) throw nonFinite(run, `the loss is ${answer.loss}`, answer.culprit, undefined, undefined, nonFiniteIn(run, [part]));
      if (answer.weight === 0) continue;
      this.#add(answer.gradients ?? (slot as Uint8Array), weight === 0);
      loss += answer.loss;
      weight += answer.weight;
      if (answer.prediction) this.#count(run, part, output, i, answer);
      metrics.addLoss(answer.loss, answer.weight);
    }
    if (weight === 0) return { loss: Number.NaN, weight };
    run.gradients = "ours";
    const isMean = output.loss.reduction === "mean" && this.#settings.fixed.accumulate === 1; // of several batches the step divides
    this.#finish(isMean ? 1 / weight : 1);
    return { loss: loss / weight, weight };
  }

  #parts(picked: readonly Picked[], { i, output, draw }: { i: number; output: Output; draw: number }) {
    const parts: Picked[][] = [];
    for (let at = 0; at < picked.length; at += this.#microBatch) parts.push(picked.slice(at, at + this.#microBatch));
    const session = this.#session;
    const shared = session.parts;
    const trained = session.sections.trained;
    const wantsPrediction = output.own.length > 0 || output.names.some((name) => name !== "perplexity");
    return inOrder(parts, AHEAD * this.#pool.workers, async (part, place) => {
      const slot = this.#slots[place % this.#slots.length];
      const task: GradientTask = { picked: part.map(packed), output: i, part: place, draw, trained, wantsPrediction, slot };
      const places = part.map(({ index }) => index);
      const name = `micro-batch ${place} of the batch (samples ${places.slice(0, 8).join(", ")}${places.length > 8 ? ", …" : ""})`;
      const answer = (await this.#pool.run(this.#pool.job("gradients", shared, task), name)) as GradientAnswer;
      return { part, answer, slot };
    });
  }

  /** To the sum of this output. */
  #add(gradients: Uint8Array, isFirst: boolean): void {
    for (const section of this.#trained()) {
      const { block, from, bytes } = section;
      const sum = this.#at("sum", from);
      const target = isFirst ? sum : this.#at("part", from);
      block.runtime.memory.bytes.set(gradients.subarray(from, from + bytes), target);
      if (!isFirst) block.runtime.kernels(block.dtype).addTo({ y: sum, x: target, n: block.size });
    }
  }

  /** The sum, divided, to the gradients of the step. */
  #finish(factor: number): void {
    for (const { block, from } of this.#trained()) {
      const kernels = block.runtime.kernels(block.dtype);
      const sum = this.#at("sum", from);
      if (factor !== 1) kernels.scale({ x: sum, n: block.size, s: factor });
      kernels.addTo({ y: block.gradient(), x: sum, n: block.size });
    }
  }

  #trained(): readonly Section[] {
    return this.#session.sections.list.filter(({ block }) => block.requiresGrad);
  }

  #at(name: "sum" | "part", from: number): number {
    return this.#buffers.get(name, this.#session.sections.bytes) + from;
  }

  /** What metrics ask for, of what a worker has predicted. */
  #count(run: RunState, part: readonly Picked[], output: Output, i: number, { prediction }: GradientAnswer): void {
    const { model, learned } = this.#settings;
    const { data, shape, dtype, batchFirst, overTime } = prediction as NonNullable<typeof prediction>;
    const { inputs, answers } = readBatch(part, { features: learned.batching.features, batchFirst: learned.batchFirst, outputs: [output] });
    using tensor = model.runtime.tensor(data, shape, { dtype, ...(batchFirst !== undefined && { batchFirst }) });
    const type = output.targets === "numbers" ? output.loss.dtype : "i32";
    const target = targetOf(model.runtime, type, {
      inputs,
      answers: answers[0] as (typeof answers)[0],
      prediction: tensor,
      output,
      overTime,
    });
    try {
      count(output, run.scores.of[i] as (typeof run.scores.of)[0], tensor, target);
    } finally {
      target.tensor.dispose();
    }
  }
}
