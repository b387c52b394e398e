/** The metrics of all outputs of a model. */
import { structuredClone } from "../host.js";
import type { Output } from "./count.js";
import { type MetricState, Metrics } from "./metrics.js";

/** @internal As a checkpoint keeps them: of the only output, or by the outputs' names. */
export type ScoreState = MetricState | Readonly<Record<string, MetricState>>;

/** @internal Adds up over batches, output by output. */
export class Scores {
  /** In the order of the outputs. */
  readonly of: readonly [Metrics, ...Metrics[]];
  readonly #outputs: readonly Output[];

  constructor(outputs: readonly Output[], state?: ScoreState) {
    this.#outputs = outputs;
    this.of = outputs.map(({ key }) => new Metrics(stateOf(state, key))) as [Metrics, ...Metrics[]];
  }

  /** Whatever it has counted since is in it. */
  get state(): ScoreState {
    const [{ key }] = this.#outputs as [Output];
    return key === undefined ? this.of[0].state : Object.fromEntries(this.of.map(({ state }, i) => [this.#outputs[i]?.key, state]));
  }

  /** Notes what has been counted. @returns goes back there */
  mark(): () => void {
    const states = this.of.map(({ state }) => structuredClone(state));
    return () => {
      for (const [i, { state }] of this.of.entries()) Object.assign(state, states[i]);
    };
  }

  /** What has counted, of all outputs. */
  get weight(): number {
    return this.of.reduce((sum, { state }) => sum + state.weight, 0);
  }

  /** The sum of the outputs' losses, those left out in which nothing counted; NaN where nothing counted at all. */
  get loss(): number {
    const losses = this.of.filter(({ state }) => state.weight !== 0).map(({ loss }) => loss);
    return losses.length === 0 ? Number.NaN : losses.reduce((a, b) => a + b);
  }

  /** All that is reported beside the loss: of several outputs each with its loss, as "tags.loss" and "tags.accuracy". */
  values(): Record<string, number> {
    const entries = this.#outputs.flatMap((output, i) => {
      const metrics = this.of[i] as Metrics;
      const values = Object.entries(metrics.values(output));
      if (output.key === undefined) return values;
      return [["loss", metrics.loss] as const, ...values].map(([name, value]): [string, number] => [`${output.key}.${name}`, value]);
    });
    return Object.fromEntries(entries);
  }
}

/** @internal What one output has counted. */
export function stateOf(state: ScoreState | undefined, key: string | undefined): MetricState | undefined {
  return key === undefined ? (state as MetricState | undefined) : (state as Record<string, MetricState> | undefined)?.[key];
}
