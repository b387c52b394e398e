/** Who may use a result, and until when. */

/** The right to use a result. Renewing it makes every result handed out before stale. */
export class Lease {
  generation = 0;
  ended = false;
  /** Whether a writable view of the block was ever handed out: whoever kept it can write into later results too. */
  exposed = false;

  /** @param until what replaces the results, for the message: "the next forward of this LSTM" @param owner whose memory it is: lives as long */
  constructor(
    readonly until: string,
    readonly owner: object,
  ) {}

  renew(): void {
    this.generation++;
  }
}
