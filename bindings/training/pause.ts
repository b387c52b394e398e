import { performance } from "../host.js";

/**
 * Milliseconds after which a task ends. Work begins anew below it alone: a task lasts as long as one step at most, and this. What is longer
 * than 50 ms is a page's long task (W3C, Long Tasks API), so steps up to 45 ms make none.
 */
const EVERY_MS = 5;

/**
 * @internal Lets timers, requests and frames come in, now and then; at once when it is first asked, since nobody knows what the caller's task
 * has done before.
 */
export class Pauses {
  #last = Number.NEGATIVE_INFINITY;

  /** A promise when it is time to pause. */
  due(): Promise<void> | undefined {
    if (performance.now() - this.#last < EVERY_MS) return undefined;
    return nextTask().then(() => {
      this.#last = performance.now();
    });
  }
}

/**
 * Comes after waiting events. Not setTimeout, which pages hold back by 4 ms, and hidden ones by a second; nor scheduler.yield(), which goes
 * before the page's own timers and messages.
 */
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
