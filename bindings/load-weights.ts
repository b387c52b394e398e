/** Weights as they come, from a stream straight into linear memory: all of them, or none. */
import { Buffers } from "./buffers.js";
import { show } from "./checks.js";
import { ArgumentError, DisposedError, FormatError } from "./errors.js";
import { type ByteSource, chunksOf } from "./io/byte-source.js";
import { bytesOf, elementsOf } from "./io/elements.js";
import { type Entry, type Header, headerLength, readHeader } from "./io/safetensors-header.js";
import { Layer } from "./layers/layer.js";
import { Model } from "./model.js";
import type { Parameter } from "./parameters.js";
import type { Runtime } from "./runtime.js";
import { checkHeld, type LoadStateDictOptions, type LoadStateDictResult, matched } from "./state-dict.js";
import { bytesPer } from "./tensor.js";
import { checkLayers, checkWeightsFile } from "./weights.js";

/** Bytes that are converted at once. */
const SLICE = 1 << 16;

/** An array on its way: where its parameter's numbers are gathered. */
interface Place {
  readonly name: string;
  readonly parameter: Parameter;
  readonly ptr: number;
}

/**
 * Takes the weights of a safetensors file while it comes: the header is checked first, then every chunk goes into linear memory, where room for all
 * is taken at once; when the last byte is there and nothing is left over, the parameters change. Outside of linear memory lies one chunk.
 *
 * @param source an address or, in Node, a path; a Response, a ReadableStream or another iterable of bytes, a Blob, bytes
 * @throws {FormatError} as `loadStateDict` and `loadSafetensors`; when the stream ends early, or goes on after the end
 * @throws {DTypeError} on f64 beyond f32 @throws {ArgumentError} @throws {MemoryError} @throws {DisposedError}; what the stream throws
 * @example
 * await loadWeights(model, "https://example.org/model.safetensors");
 */
export async function loadWeights(
  model: Model | Layer,
  source: ByteSource,
  options: LoadStateDictOptions = {},
): Promise<LoadStateDictResult> {
  checkModel(model);
  const staging = new Buffers(model.runtime.memory);
  const chunks = chunksOf(source);
  try {
    const { header, rest } = await begun(chunks);
    checkWeightsFile(header.metadata);
    if (model instanceof Model) checkLayers(model.namedLayers(), header.metadata);
    model.assertAlive();
    const { pairs, ...result } = matched(
      model.namedParameters(),
      header.entries.map((entry) => [entry.name, entry] as const),
      options,
    );
    const places = new Map<Entry, Place>();
    for (const [{ name }, parameter, entry] of pairs)
      places.set(entry, { name, parameter, ptr: staging.get(name, sizeIn(entry) * bytesPer(parameter.dtype)) });
    await gathered(model, header, places, rest, chunks);
    for (const [entry, { parameter, ptr }] of places)
      parameter.set(model.runtime.view(parameter.dtype, ptr, sizeIn(entry)) as ArrayLike<number>);
    return result;
  } finally {
    if (!model.runtime.disposed) staging.dispose();
    await chunks.return(undefined);
  }
}

/** @throws {ArgumentError} @throws {DisposedError} */
function checkModel(model: unknown): void {
  if (!(model instanceof Model || model instanceof Layer)) throw new ArgumentError("model", "a model or a layer", show(model));
  try {
    model.assertAlive();
  } catch (error) {
    if (error instanceof DisposedError) throw error;
    throw new ArgumentError("model", "the model itself", "a Proxy or an heir of one"); // which lacks private members
  }
}

function sizeIn({ begin, end, stored }: Entry): number {
  return (end - begin) / bytesOf(stored);
}

/** The header, and what of the data came with it. */
async function begun(chunks: AsyncGenerator<Uint8Array>): Promise<{ header: Header; rest: Uint8Array }> {
  const parts: Uint8Array[] = [];
  let [got, wanted] = [0, 8];
  for (;;) {
    const { done, value } = await chunks.next();
    if (!done) {
      parts.push(value.slice()); // the stream may use its own again
      got += value.length;
      if (got < wanted) continue;
    }
    const bytes = joined(parts, got);
    parts.splice(0, parts.length, bytes);
    if (done || wanted === 8) wanted = 8 + headerLength(bytes, done ? got : undefined);
    if (got >= wanted) return { header: readHeader(bytes.subarray(0, wanted)), rest: bytes.subarray(wanted) };
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Fills the places. An element that two chunks share waits for its other half. */
async function gathered(
  model: { readonly runtime: Runtime; assertAlive(): void },
  { entries, end }: Header,
  places: ReadonlyMap<Entry, Place>,
  rest: Uint8Array,
  chunks: AsyncGenerator<Uint8Array>,
): Promise<void> {
  const order = entries.filter((entry) => entry.end > entry.begin).sort((a, b) => a.begin - b.begin);
  let [at, index, carried] = [0, 0, new Uint8Array(0)];
  for (let chunk: Uint8Array | undefined = rest; chunk; chunk = (await chunks.next()).value as Uint8Array | undefined) {
    model.assertAlive();
    let bytes = carried.length > 0 ? joined([carried, chunk], carried.length + chunk.length) : chunk;
    carried = new Uint8Array(0);
    while (bytes.length > 0) {
      const entry = order[index];
      if (!entry) throw new FormatError(`safetensors: expected ${end} bytes of data, got more`);
      const size = bytesOf(entry.stored);
      const length = Math.min(entry.end - at, bytes.length - (bytes.length % size), SLICE);
      if (length === 0) break;
      put(model.runtime, entry, places.get(entry), bytes.subarray(0, length), (at - entry.begin) / size);
      bytes = bytes.subarray(length);
      at += length;
      if (at === entry.end) index++;
    }
    carried = bytes.slice();
  }
  if (at < end) throw new FormatError(`safetensors: expected ${end} bytes of data, got ${at + carried.length}`);
}

/** @param first index of the first element */
function put(runtime: Runtime, { stored }: Entry, place: Place | undefined, bytes: Uint8Array, first: number): void {
  if (!place) return;
  const { name, parameter, ptr } = place;
  const values = elementsOf(bytes, stored, name, first);
  checkHeld(name, parameter, values, first);
  runtime.view(parameter.dtype, ptr + first * bytesPer(parameter.dtype), values.length).set(values);
}
