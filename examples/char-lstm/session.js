import { createRuntime, Generator } from "wasm-rnn";
import { Batches } from "./batches.js";
import { readCheckpoint, restoreParameters, restoreTraining } from "./checkpoint.js";
import { UserError } from "./errors.js";
import { CharModel, Trainer } from "./model.js";
import { DEFAULT_STEPS, FIXED } from "./options.js";
import { loadBook, loadFile } from "./text.js";
import { Vocabulary } from "./vocabulary.js";

/** Everything that belongs to one training run: text, model, optimizer, and how far they have come. */
export class Session {
  /**
   * @param {import("wasm-rnn").Runtime} rt
   * @param {import("./options.js").Settings} settings
   * @param {import("./text.js").Corpus} corpus
   * @param {Vocabulary} vocabulary
   */
  constructor(rt, settings, corpus, vocabulary) {
    this.rt = rt;
    this.settings = settings;
    this.corpus = corpus;
    this.vocabulary = vocabulary;
    this.generator = new Generator(settings.seed);
    this.trainingTokens = vocabulary.encode(corpus.training);
    this.heldOutTokens = vocabulary.encode(corpus.heldOut);
    this.model = new CharModel(rt, { ...settings, vocabulary: vocabulary.size }, this.generator);
    this.trainer = new Trainer(this.model, settings);
    this.batches = new Batches(this.trainingTokens, settings, this.generator);
    this.state = this.model.zeroState(settings.batch);
    this.step = 0;
    this.steps = 0;
    /** @type {number[]} the loss of each step, in nats */
    this.history = [];
    const shape = [settings.length, settings.batch];
    this.inputs = rt.tensor(new Int32Array(settings.length * settings.batch), shape);
    this.targets = rt.tensor(new Int32Array(settings.length * settings.batch), shape);
  }

  /**
   * A new run, or with --resume the one in the file.
   *
   * @param {import("./options.js").Options} options
   */
  static async open(options) {
    const checkpoint = options.resume === undefined ? undefined : readCheckpoint(options.resume);
    const fixed = checkpoint?.details.options ?? options;
    const settings = /** @type {import("./options.js").Settings} */ (Object.fromEntries(FIXED.map((name) => [name, fixed[name]])));
    const file = options.text ?? checkpoint?.details.text.file;
    const corpus = file === undefined ? loadBook() : loadFile(file, settings);
    if (checkpoint && checkpoint.details.text.digest !== corpus.digest) {
      const then = checkpoint.details.text.title;
      throw new UserError(`${options.resume} was trained on another text (${then}) than ${corpus.title} as it is now`);
    }
    const vocabulary = checkpoint ? new Vocabulary(checkpoint.details.vocabulary) : Vocabulary.of(corpus.training);
    const rt = await createRuntime({ build: options.build ?? checkpoint?.details.build });
    const session = new Session(rt, settings, corpus, vocabulary);
    if (checkpoint) {
      restoreParameters(session.model, checkpoint);
      restoreTraining(session, checkpoint);
    }
    session.steps = session.#stepsToDo(options, checkpoint?.details.steps);
    return session;
  }

  /**
   * @param {import("./options.js").Options} options
   * @param {number} [planned] by the run that is resumed
   * @returns {number} the step at which the run ends
   */
  #stepsToDo({ steps, epochs, resume }, planned) {
    const wanted = steps ?? (epochs === undefined ? undefined : Math.max(1, Math.round(epochs * this.batches.perEpoch)));
    const total = wanted ?? planned ?? DEFAULT_STEPS;
    if (total > this.step) return total;
    throw new UserError(`${resume} has done ${this.step} steps already; go on with --steps N, N above ${this.step}`);
  }

  /**
   * One step on the next batch.
   *
   * @returns {number} its loss, in nats per character
   */
  advance() {
    if (this.batches.startsEpoch) {
      this.state.h.data.fill(0);
      this.state.c.data.fill(0);
    }
    const { data: inputs } = this.inputs;
    this.batches.next(/** @type {Int32Array} */ (inputs), /** @type {Int32Array} */ (this.targets.data));
    const loss = this.trainer.step(this.inputs, this.targets, this.state, this.step, this.steps);
    if (!Number.isFinite(loss)) throw new UserError(`the loss is no longer a number at step ${this.step + 1}; try a smaller --lr`);
    this.history.push(loss);
    this.step++;
    return loss;
  }

  /** @returns {Omit<import("./checkpoint.js").Details, "optimizerStep">} */
  details() {
    const { title, slug, file, digest } = this.corpus;
    return {
      vocabulary: this.vocabulary.characters,
      options: this.settings,
      build: this.rt.build,
      step: this.step,
      steps: this.steps,
      position: this.batches.position,
      generator: this.generator.state,
      text: { title, slug, file, digest },
    };
  }
}
