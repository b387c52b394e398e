/** What the host has for several threads. */
import { WorkerError } from "../errors.js";

/** Node's worker_threads; undefined elsewhere. */
export function threadsOf(): typeof import("node:worker_threads") | undefined {
  return globalThis.process?.versions?.node ? globalThis.process.getBuiltinModule?.("node:worker_threads") : undefined;
}

/** Whether memory can be shared with workers: in Node, and in a page that is cross-origin isolated. */
export function sharesMemory(): boolean {
  if (typeof SharedArrayBuffer !== "function") return false;
  return threadsOf() !== undefined || globalThis.crossOriginIsolated === true;
}

/** Bytes that workers see, where the host shares; else bytes of one's own. */
export function shareable(bytes: number): Uint8Array {
  return new Uint8Array(sharesMemory() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
}

/** Hardware threads. */
export function threadCount(): number {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** @throws {WorkerError} where there is no such thing as a worker */
export function checkWorkers(): void {
  if (threadsOf() === undefined && typeof Worker !== "function")
    throw new WorkerError("pool: expected a host with Worker, got one without");
}
