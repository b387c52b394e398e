import { performance } from "../host.js";

/** Milliseconds between pauses: half a frame of a page, and short for a server. */
const EVERY_MS = 8;

/** @internal Lets timers, requests and frames come in, now and then. */
export class Pauses {
  #last = performance.now();

  /** A promise when it is time to pause. */
  due(): Promise<void> | undefined {
    if (performance.now() - this.#last < EVERY_MS) return undefined;
    return nextTask().then(() => {
      this.#last = performance.now();
    });
  }
}

/** Comes after waiting events. Not setTimeout, which pages hold back by 4 ms, and hidden ones by a second. */
function nextTask(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => void setImmediate(resolve));
  if (typeof MessageChannel !== "function") return Promise.resolve(); // an AudioWorklet has no tasks of its own
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
