/**
 * Cuts a text into N streams that are read side by side, T characters at a time, so that the network's state carries over from one
 * batch to the next. Each pass over the text begins at another offset below T, so that the cuts fall elsewhere.
 */
export class Batches {
  /**
   * @param {Int32Array} tokens at least (N + 1)·T of them
   * @param {{ batch: number, length: number }} sizes N and T
   * @param {{ integer(n: number): number }} generator
   */
  constructor(tokens, { batch, length }, generator) {
    this.tokens = tokens;
    this.batch = batch;
    this.length = length;
    this.generator = generator;
    this.stride = Math.floor((tokens.length - length) / batch); // from one stream's start to the next's; offset + targets stay inside
    this.perEpoch = Math.floor(this.stride / length);
    this.position = { epoch: 0, window: 0, offset: generator.integer(length) };
  }

  /** Whether the next batch opens a pass over the text, so that no state must carry over. */
  get startsEpoch() {
    return this.position.window === 0;
  }

  /**
   * @param {Int32Array} inputs  out [T,N]
   * @param {Int32Array} targets out [T,N] the characters that follow
   */
  next(inputs, targets) {
    const { batch, length, stride, tokens, position } = this;
    for (let n = 0; n < batch; n++) {
      const start = n * stride + position.offset + position.window * length;
      for (let t = 0; t < length; t++) {
        inputs[t * batch + n] = tokens[start + t];
        targets[t * batch + n] = tokens[start + t + 1];
      }
    }
    position.window++;
    if (position.window === this.perEpoch) this.position = { epoch: position.epoch + 1, window: 0, offset: this.generator.integer(length) };
  }
}
