/** What a model of a file is, as data that JSON keeps: its parts, and the steps that go through them. */

/** Options of a part or an operation. */
export type PlanOptions = Readonly<Record<string, unknown>>;

/** A layer, or a parameter of its own, by its class and the options that make it. */
export interface PartPlan {
  readonly type: string;
  readonly options: PlanOptions;
}

/** One call: of a part by its name, or of an operation. */
export interface Step {
  /** Of what it gives. */
  readonly id: string;
  /** What it reads. */
  readonly from: readonly string[];
  readonly part?: string;
  /** What it takes of a recurrent part: its final h in place of its output. */
  readonly take?: "state";
  readonly op?: string;
  readonly options?: PlanOptions;
  /** Parameters that an operation reads, by the names of their parts. */
  readonly uses?: readonly string[];
}

/** Sizes of what a step gives, the batch first; null where they are free, as those of batch and time. */
export type PlanShape = readonly (number | null)[];

/** A whole model. */
export interface GraphPlan {
  readonly parts: readonly (readonly [name: string, part: PartPlan])[];
  /** Names of the inputs; one of them is handed over as it is, several by name. */
  readonly inputs: readonly string[];
  /** Name and id of each output. */
  readonly outputs: readonly (readonly [name: string, id: string])[];
  readonly steps: readonly Step[];
  /** Of inputs and steps, by their ids, as far as the file says them; a file of `save()` from before they were kept has none. */
  readonly shapes?: Readonly<Record<string, PlanShape>>;
}
