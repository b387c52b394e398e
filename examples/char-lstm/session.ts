/** One run: its text, vocabulary and model, and what its file holds beside the library's checkpoint. */
import { type BuildName, createRuntime, FormatError, Generator, loadSafetensors, type NamedArray } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import { batchesPerPass, type Corpus, loadBook, loadFile } from "./data.js";
import { CharModel } from "./model.js";
import { lastStep, type Options, type Settings, settingsOf } from "./options.js";
import { Vocabulary } from "./vocabulary.js";

const KEY = "char-lstm";

/** All that a run goes by, for JSON: beside the checkpoint, everything that is needed to go on with the same numbers. */
interface Run {
  readonly settings: Settings;
  /** Of the whole run: the learning rate depends on it. */
  readonly steps: number;
  /** Numbers differ in the last bits between builds. */
  readonly build: BuildName;
  readonly vocabulary: readonly string[];
  readonly text: Pick<Corpus, "title" | "file" | "digest">;
}

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
    if (metadata[KEY]) return { bytes, tensors, run: JSON.parse(metadata[KEY]), step: JSON.parse(metadata.details ?? "").position.step };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw new UserError(`${file} is not a model saved by this program`);
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
  for (const [name, parameter] of model.namedParameters()) parameter.set((tensors[`model.${name}`] as NamedArray).data);
  return { model, vocabulary };
}
