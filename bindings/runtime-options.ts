/** What createRuntime takes. */
import type { BuildName } from "./builds.js";
import type { FloatType } from "./tensor.js";

/** Options of createRuntimeSync. */
export interface RuntimeSyncOptions {
  /**
   * Element type of tensors and layers that do not say their own. Default `"f32"`. A runtime of `"f64"` can do both; one of `"f32"` loads a
   * binary of two thirds the size, and cannot.
   */
  dtype?: FloatType;
  /** Bytes that the linear memory may grow to; default (and most) just under 4 GiB. */
  maximumMemory?: number;
  /** Seed of `rt.generator`, from which layers draw their initial weights. Default 0. */
  seed?: number;
}

/** Options of createRuntime. */
export interface RuntimeOptions extends RuntimeSyncOptions {
  /** Force a build. By default `relaxed` where the host has relaxed SIMD, else `baseline`. */
  build?: BuildName;
  /** A compiled binary (`WebAssembly.Module`) of wasm-rnn/build, where the host compiles ahead of time; it is the build then. */
  module?: object;
}
