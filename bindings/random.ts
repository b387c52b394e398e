/** The one source of randomness: seeded, the same everywhere, its state readable. xoroshiro128+ from pure-rand. */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { checkPositive, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import { isTruly } from "./heir.js";

/** @internal No draw of `normal` is farther from 0: √(−2·log 2⁻³²). */
export const FARTHEST = Math.sqrt(64 * Math.LN2);

/**
 * Random numbers from a seed, the same on every host (`normal` as far as Math.log and Math.cos are, which V8 computes alike in Node and in
 * Chromium). Source: Blackman & Vigna, xoroshiro128+, arXiv:1805.01407.
 *
 * @example
 * const generator = new Generator(7);
 * generator.integer(6); // 0 … 5
 */
export class Generator {
  #random: ReturnType<typeof xoroshiro128plusFromState>;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #random in value);
  }

  /**
   * @param seed any 32-bit integer; the same seed gives the same numbers on every host
   * @throws {ArgumentError} when the seed is no 32-bit integer
   */
  constructor(seed = 0) {
    if (!Number.isInteger(seed) || seed < -(2 ** 31) || seed >= 2 ** 32) throw new ArgumentError("seed", "a 32-bit integer", show(seed));
    this.#random = xoroshiro128plusFromState(expand(seed));
  }

  /** A number in [0, 1), a multiple of 2⁻³². */
  uniform(): number {
    return (this.#random.next() >>> 0) / 2 ** 32;
  }

  /** 32 random bits, as an integer from −2³¹. */
  bits(): number {
    return this.#random.next() | 0;
  }

  /** An integer in [0, n). @throws {ArgumentError} when n is not a positive integer, at most 2³² */
  integer(n: number): number {
    if (checkPositive("n", n) > 2 ** 32) throw new ArgumentError("n", "at most 2³²", show(n));
    return Math.floor(this.uniform() * n);
  }

  /** A draw from the standard normal distribution (Box–Muller, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Everything that the next numbers depend on: store it to continue later. */
  get state(): number[] {
    return [...this.#random.getState()];
  }

  /** @throws {ArgumentError} unless it is four 32-bit integers, not all zero; nothing has changed then */
  set state(state: readonly number[]) {
    const words = Array.isArray(state) && state.length === 4 ? [0, 1, 2, 3].map((i): unknown => state[i]) : []; // each read once
    if (!words.every(isWord) || !words.some(Boolean)) throw new ArgumentError("state", "four 32-bit integers, not all zero", show(state));
    this.#random = xoroshiro128plusFromState(words.map((word) => word | 0)); // −0 is 0
  }
}

function isWord(value: unknown): value is number {
  return typeof value === "number" && value === (value | 0);
}

/**
 * Four well-mixed words from one: neighbouring seeds give unrelated numbers from the first draw on. A Weyl sequence
 * through MurmurHash3's 32-bit finaliser, as splitmix does it (Steele, Lea & Flood, OOPSLA 2014).
 */
function expand(seed: number): number[] {
  return [1, 2, 3, 4].map((i) => {
    let word = (seed + Math.imul(i, 0x9e3779b9)) | 0;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return word ^ (word >>> 16);
  });
}
