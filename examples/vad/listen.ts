/** A detector over sound as it comes, in pieces of any size. */
import { CHUNK, type Detector, RATE } from "./detector.js";
import { type Segment, Segments } from "./segments.js";

export interface Heard {
  readonly probability: number;
  readonly isSpeech: boolean;
  /** One that is over. */
  readonly segment: Segment | undefined;
}

export class Listener {
  readonly #detector: Detector;
  readonly #segments = new Segments(CHUNK / RATE);
  readonly #chunk = new Float32Array(CHUNK);
  #filled = 0;

  constructor(detector: Detector) {
    this.#detector = detector;
  }

  /** @param samples at 16 kHz, in [−1, 1] */
  *push(samples: Float32Array): Generator<Heard> {
    for (let from = 0; from < samples.length; ) {
      const piece = samples.subarray(from, from + CHUNK - this.#filled);
      this.#chunk.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === CHUNK) yield this.#heard();
    }
  }

  /** The rest, with silence behind it. */
  *end(): Generator<Heard> {
    if (this.#filled > 0) {
      this.#chunk.fill(0, this.#filled);
      yield this.#heard();
    }
    const segment = this.#segments.end();
    if (segment) yield { probability: 0, isSpeech: false, segment };
  }

  #heard(): Heard {
    this.#filled = 0;
    const probability = this.#detector.probability(this.#chunk);
    const segment = this.#segments.push(probability);
    return { probability, isSpeech: this.#segments.isSpeech, segment };
  }
}
