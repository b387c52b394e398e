/** One run: its text, vocabulary and model, and what its file holds beside the library's checkpoint. */
import * as v from "valibot";
import { createRuntime, FormatError, Generator, loadSafetensors, type NamedArray } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import { batchesPerPass, type Corpus, loadBook, loadFile } from "./data.js";
import { CharModel } from "./model.js";
import { lastStep, type Options, type Settings, settingsOf } from "./options.js";
import { LARGEST, Vocabulary } from "./vocabulary.js";

const KEY = "char-lstm";

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(whole, v.minValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const SETTINGS = v.object({
  ...{ hidden: count, layers: count, embed: count, batch: count, length: count, warmup: whole },
  ...{ lr: positive, clip: positive, seed: v.pipe(whole, v.maxValue(2 ** 31 - 1)) },
}) satisfies v.GenericSchema<unknown, Settings>;
const character = v.pipe(v.string(), v.codePoints(1));

/** All that a run goes by, for JSON: beside the checkpoint, everything that is needed to go on with the same numbers. */
const RUN = v.object({
  settings: SETTINGS,
  /** Of the whole run: the learning rate depends on it. */
  steps: count,
  /** Numbers differ in the last bits between builds. */
  build: v.picklist(["baseline", "relaxed", "debug"]),
  vocabulary: v.pipe(v.array(character), v.maxLength(LARGEST - 1), v.readonly()),
  text: v.object({ title: v.string(), file: v.optional(v.string()), digest: v.string() }),
});
type Run = v.InferOutput<typeof RUN>;

/** Of the library's checkpoint. */
const DETAILS = v.object({ position: v.object({ step: whole }) });

export interface Session {
  readonly run: Run;
  readonly corpus: Corpus;
  readonly vocabulary: Vocabulary;
  /** The training text. */
  readonly tokens: Int32Array;
  readonly model: CharModel;
  /** Steps done before. */
  readonly first: number;
}

export interface Saved {
  readonly bytes: Uint8Array;
  readonly run: Run;
  /** Steps done. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, NamedArray>>;
}

/** For the header of the file. */
export function metadataOf(run: Run): Record<string, string> {
  return { [KEY]: JSON.stringify(run) };
}

/** @throws {UserError} when it is missing or not a model of this program */
export function readSaved(file: string): Saved {
  const bytes = readBytes(file, "model");
  try {
    const { tensors, metadata } = loadSafetensors(bytes);
    const run = v.parse(RUN, JSON.parse(metadata[KEY] ?? ""));
    const { step } = v.parse(DETAILS, JSON.parse(metadata.details ?? "")).position;
    if (fits(run, tensors)) return { bytes, tensors, run, step };
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof SyntaxError || error instanceof v.ValiError)) throw error;
  }
  throw new UserError(`${file} is not a model saved by this program`);
}

/** Whether the sizes are those of the weights, so that no model is made that is far larger than its file. */
function fits({ settings, vocabulary }: Run, tensors: Saved["tensors"]): boolean {
  const { hidden, layers, embed, batch } = settings;
  const expected = { "model.embedding.weight": [vocabulary.length + 1, embed], "buffer.h": [layers, batch, hidden] };
  return Object.entries(expected).every(([name, shape]) => tensors[name]?.shape.join() === shape.join());
}

/** A new run, or with --resume the one in the file. */
export async function open(options: Options, saved?: Saved): Promise<Session> {
  const settings = settingsOf(saved?.run.settings ?? options);
  const file = options.text ?? saved?.run.text.file;
  const corpus = file === undefined ? loadBook() : loadFile(file, settings);
  if (saved && saved.run.text.digest !== corpus.digest)
    throw new UserError(`${options.resume} was trained on another text (${saved.run.text.title}) than ${corpus.title} as it is now`);
  const vocabulary = saved ? new Vocabulary(saved.run.vocabulary) : Vocabulary.of(corpus.training);
  const tokens = vocabulary.encode(corpus.training);
  const steps = lastStep(options, batchesPerPass(tokens.length, settings), saved?.run.steps);
  const first = saved?.step ?? 0;
  if (steps <= first) throw new UserError(`${options.resume} has done ${first} steps already; go on with --steps N, N above ${first}`);
  const rt = await createRuntime({ build: options.build ?? saved?.run.build });
  const model = new CharModel(rt, { ...settings, vocabulary: vocabulary.size }, new Generator(settings.seed));
  const { title, digest } = corpus;
  const run = { settings, steps, build: rt.build, vocabulary: vocabulary.characters, text: { title, file: corpus.file, digest } };
  return { run, corpus, vocabulary, tokens, model, first };
}

/** A saved model, to write with. */
export async function reopen({ run, tensors }: Saved, build = run.build): Promise<Pick<Session, "model" | "vocabulary">> {
  const vocabulary = new Vocabulary(run.vocabulary);
  const model = new CharModel(await createRuntime({ build }), { ...run.settings, vocabulary: vocabulary.size });
  for (const [name, parameter] of model.namedParameters()) {
    const { data, shape } = tensors[`model.${name}`] ?? {};
    if (shape?.join() !== parameter.shape.join() || !data?.every(Number.isFinite))
      throw new UserError(`the model's ${name} does not fit it`);
    parameter.set(data);
  }
  return { model, vocabulary };
}
