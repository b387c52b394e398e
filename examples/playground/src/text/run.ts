/** A training: what it is of, how far it has come, and all that is needed to go on with it. */
import { isBytes, isCount, isNumber, isText, listOf, objectOf, oneOf } from "../shared/shapes";
import { CELLS, type Network } from "./network";

/** Bits per character. */
export interface Point {
  readonly step: number;
  /** Mean since the point before; null at the beginning, when nothing is learned yet. */
  readonly training: number | null;
  readonly validation: number;
}

export interface Sample {
  readonly step: number;
  readonly text: string;
}

export interface Run extends Network {
  readonly version: 1;
  /** The text that it learns. */
  readonly textId: number;
  readonly textName: string;
  readonly vocabulary: readonly string[];
  /** Steps done, and the step at which it ends. */
  readonly step: number;
  readonly goal: number;
  readonly curve: readonly Point[];
  readonly samples: readonly Sample[];
  /** To go on from. */
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
  /** The network as a file. */
  readonly file?: Uint8Array<ArrayBuffer>;
}

const MOST_POINTS = 600;
const MOST_SAMPLES = 8;

/** No more than so many: where there are, every second of them, and the first and the last. */
export function thinned<Item>(items: readonly Item[], most: number): readonly Item[] {
  return items.length <= most ? items : items.filter((_, i) => i % 2 === 0 || i === items.length - 1);
}

export function withPoint(run: Run, point: Point): readonly Point[] {
  return thinned([...run.curve, point], MOST_POINTS);
}

export function withSample(run: Run, sample: Sample): readonly Sample[] {
  return thinned([...run.samples, sample], MOST_SAMPLES);
}

const shape = objectOf({
  ...{ version: oneOf(1), cell: oneOf(...CELLS), textId: isNumber, textName: isText, vocabulary: listOf(isText) },
  ...{ units: isCount, step: isCount, goal: isCount, checkpoint: isBytes, file: isBytes },
  curve: listOf(objectOf({ step: isCount, validation: isNumber, training: (loss) => loss === null || isNumber(loss) })),
  samples: listOf(objectOf({ step: isCount, text: isText })),
});

/** Whether what was kept is a training of this version that can be gone on with. */
export function isRun(value: unknown): value is Run {
  return shape(value);
}
