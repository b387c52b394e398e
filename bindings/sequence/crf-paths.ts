/** The best tags of emissions. */
import type { Buffers } from "../buffers.js";
import { sizeOf } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { SequenceLearningKernels } from "../generated/sequence-learning.js";
import { bytesPer, Tensor } from "../tensor.js";
import { type CRFDecodeOptions, checkEmissions, type DecodedTags, type Reader, readSample, sequencesOf } from "./emissions.js";

/** Who decodes. */
interface Scorer extends Reader {
  readonly crfKernels: SequenceLearningKernels;
  /** Address of the scores made ready. */
  scores(): number;
}

/** @internal Of a tensor, or of one sequence outside of memory. @throws {ArgumentError} when the constraints allow a sequence no path @throws {ShapeError} */
export function bestPaths(
  argument: string,
  emissions: unknown,
  lengths: CRFDecodeOptions["lengths"],
  crf: Scorer,
  buffers: Buffers,
): DecodedTags[] {
  const { numTags: K, crfKernels, runtime, dtype } = crf;
  const isTensor = emissions instanceof Tensor;
  const sample = isTensor ? undefined : readSample(argument, emissions, K); // may be called back: before anything is in use
  const scores = crf.scores();
  return buffers.attempt(() => {
    const shape = isTensor ? emissions.shape : (sample?.shape as readonly number[]);
    const e = isTensor ? checkEmissions(argument, emissions, crf) : buffers.get("sample", sizeOf(shape) * bytesPer(dtype));
    if (sample) runtime.view(dtype, e, sizeOf(shape)).set(sample.values);
    const how = { batchFirst: isTensor ? emissions.batchFirst : undefined, lengths };
    const { T, N, batchFirst, lengths: L, steps } = sequencesOf(argument, shape, how, { runtime, buffers });
    const scratch = buffers.get("decoding", crfKernels.crfDecodeScratch({ T, K }));
    const tags = buffers.get("tags", 4 * T * N);
    const totals = buffers.get("totals", 8 * N);
    const bad = crfKernels.crfDecode({ tags, totals, scores, e, lengths: L, T, N, K, batchFirst, scratch });
    if (bad >= 0) throw new ArgumentError(argument, "sequences that the constraints allow a path", `one of ${steps[bad]} steps with none`);
    const found = runtime.view("i32", tags, T * N) as Int32Array<ArrayBuffer>;
    return [...runtime.view("f64", totals, N)].map((score, n) => ({ tags: found.slice(n * T, n * T + (steps[n] as number)), score }));
  });
}
