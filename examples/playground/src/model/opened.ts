/** What the page is told of a file: plain data, which goes from the worker to the page. */

/** An array that the file holds. */
export interface Listed {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly numbers: number;
}

/** An input or an output. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly isInteger: boolean;
  /** Undefined where the rank may vary; "" of a size without a name. */
  readonly shape: readonly (number | string)[] | undefined;
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly label: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of graphs within it: what they take from around. */
  readonly captured: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly fault: string | undefined;
}

export type Shape = readonly (number | string)[];

export interface Network {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly nodes: readonly GraphNode[];
  /** Of values, by name, as far as they are known. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Names of what is an array of the file. */
  readonly constants: ReadonlySet<string>;
}

export interface Opened {
  readonly name: string;
  readonly bytes: number;
  /** "PyTorch" */
  readonly format: string;
  readonly kind: string;
  /** What else the file says of itself: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
  readonly arrays: readonly Listed[];
  /** How many there are: a list has its end. */
  readonly arrayCount: number;
  readonly numbers: number;
  readonly network: Network | undefined;
  /** Why it does not run: empty where it does, undefined where there is nothing to run. */
  readonly faults: readonly string[] | undefined;
  /** A table of layers, of a model. */
  readonly summary: string | undefined;
}

/** How an input is filled. */
export type Fill = "zeros" | "random" | "wave" | "numbers";

export interface Feed {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fill: Fill;
  /** Of "numbers": as it was pasted. */
  readonly text: string;
}

export interface Output {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** The first of them. */
  readonly data: Float64Array<ArrayBuffer>;
  readonly numbers: number;
  /** Of all that are finite. */
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly notFinite: number;
}

export interface Outcome {
  /** The first of them. */
  readonly outputs: readonly Output[];
  readonly outputCount: number;
  /** Of a run that was timed, in milliseconds: the middle one and the shortest. */
  readonly median: number;
  readonly shortest: number;
  readonly runs: number;
  /** That the network's runtime holds, with all weights. */
  readonly bytesInUse: number;
  readonly shapes: ReadonlyMap<string, Shape>;
}
