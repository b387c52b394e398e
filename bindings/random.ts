/** The one source of randomness: seeded, the same everywhere, its state readable. xoroshiro128+ from pure-rand. */
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { checkPositive, show } from "./checks.js";
import { ArgumentError } from "./errors.js";

export class Generator {
  #random: ReturnType<typeof xoroshiro128plus>;

  /**
   * @param seed any 32-bit integer; the same seed gives the same numbers on every host
   * @throws {ArgumentError} when the seed is not an integer
   */
  constructor(seed = 0) {
    if (!Number.isInteger(seed)) throw new ArgumentError("seed", "an integer", show(seed));
    this.#random = xoroshiro128plus(seed | 0);
  }

  /** A number in [0, 1), a multiple of 2⁻³². */
  uniform(): number {
    return (this.#random.next() >>> 0) / 2 ** 32;
  }

  /** An integer in [0, n). @throws {ArgumentError} when n is not a positive integer */
  integer(n: number): number {
    return Math.floor(this.uniform() * checkPositive("n", n));
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

  set state(state: readonly number[]) {
    this.#random = xoroshiro128plusFromState(state);
  }
}
