/** In the thread of the sound: collects what the microphone gives and hands it on in blocks. */

/** The part that is used of a worklet's globals. */
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Samples of a block: 43 ms at 48 kHz. */
const BLOCK = 2048;

class Capture extends AudioWorkletProcessor {
  #to: MessagePort | undefined;
  #block = new Float32Array(BLOCK);
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.#to = data;
    };
  }

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    const samples = input?.[0];
    if (!samples || !this.#to) return true;
    for (let from = 0; from < samples.length; ) {
      const some = samples.subarray(from, from + BLOCK - this.#filled);
      this.#block.set(some, this.#filled);
      this.#filled += some.length;
      from += some.length;
      if (this.#filled === BLOCK) this.#send(this.#to);
    }
    return true;
  }

  #send(to: MessagePort): void {
    to.postMessage(this.#block, [this.#block.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
  }
}

registerProcessor("capture", Capture);
