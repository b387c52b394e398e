/** A network as a file: what the page writes beside its weights, and reads again. */
import { FormatError, loadSafetensors } from "wasm-rnn";
import type { WorkerModel, WorkerRuntime } from "wasm-rnn/worker";
import { CELLS, layersOf, type Network } from "./network";
import { MOST_CHARACTERS } from "./vocabulary";

/** All that writing needs. */
export interface Writer extends Network {
  readonly name: string;
  readonly vocabulary: readonly string[];
  readonly file: Uint8Array<ArrayBuffer>;
}

const LARGEST_FILE = 50_000_000;
const MOST_UNITS = 2048;

/** `vocabulary`: a JSON list of the characters, by token. */
export function metadataOf({ cell, units }: Network, vocabulary: readonly string[], text: string): Record<string, string> {
  return { vocabulary: JSON.stringify(vocabulary), cell, units: String(units), text };
}

/** @throws {Error} in plain words */
export async function readModelFile(file: File): Promise<Writer> {
  if (file.size > LARGEST_FILE) throw new Error("It is too large for a network of letters.");
  return writerIn(file.name, new Uint8Array(await file.arrayBuffer()));
}

/** @throws {Error} in plain words */
function writerIn(name: string, bytes: Uint8Array<ArrayBuffer>): Writer {
  const { vocabulary, cell, units } = metadataIn(bytes);
  const known = CELLS.find((each) => each === cell);
  const characters = listIn(vocabulary);
  if (!known || !characters || !(Number.isInteger(Number(units)) && Number(units) >= 1 && Number(units) <= MOST_UNITS))
    throw new Error("It is a model, but not one of letters that was saved here.");
  const { tensors } = loadSafetensors(bytes);
  if (!Object.values(tensors).every(({ data }) => data.every(Number.isFinite)))
    throw new Error("It is damaged: it has weights that are no numbers.");
  return { name, cell: known, units: Number(units), vocabulary: characters, file: bytes };
}

/** Whether what was kept is one. @throws {Error} where its file is none */
export function isWriter({ name, cell, units, vocabulary, file }: Writer): boolean {
  const read = writerIn(name, file);
  return read.cell === cell && read.units === units && read.vocabulary.join() === vocabulary.join();
}

function metadataIn(bytes: Uint8Array): Record<string, string> {
  try {
    return loadSafetensors(bytes).metadata;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Error("It is damaged, or no .safetensors file of a network.");
  }
}

function listIn(json: string | undefined): string[] | undefined {
  try {
    const list: unknown = JSON.parse(json ?? "");
    const isVocabulary =
      Array.isArray(list) &&
      list.length <= MOST_CHARACTERS &&
      list.every((each) => typeof each === "string" && [...each.slice(0, 4)].length === 1);
    return isVocabulary && list.length > 1 ? list : undefined;
  } catch {
    return undefined;
  }
}

/** The network in the worker; whoever asked disposes of it. @throws when the weights are not this network's */
export async function openWriter(rt: WorkerRuntime, writer: Writer): Promise<WorkerModel> {
  const model = await rt.sequential(layersOf(writer, writer.vocabulary.length));
  try {
    return await model.load(writer.file.slice()); // its bytes are moved
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The step at which a checkpoint was written. */
export function stepOf(checkpoint: Uint8Array): number {
  const { position } = JSON.parse(loadSafetensors(checkpoint).metadata.details ?? "") as { position: { step: number } };
  return position.step;
}
