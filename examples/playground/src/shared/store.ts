/** What the page keeps from visit to visit, in IndexedDB. Where there is none, as in some private windows, it forgets. */
import { createStore, promisifyRequest } from "idb-keyval";

/** A browser that does not answer in this time has nothing for us. */
const PATIENCE_MS = 2000;

const opened = () => {
  try {
    return createStore("wasm-rnn-playground", "kept");
  } catch {
    return undefined;
  }
};
let store = opened();

/** What a request of a transaction gives. Safari may have closed the connection without a word: it is opened anew, once. */
async function transacted<Value>(mode: IDBTransactionMode, use: (objects: IDBObjectStore) => Promise<Value>): Promise<Value | undefined> {
  try {
    return await store?.(mode, use);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
    store = opened();
    return store?.(mode, use);
  }
}

/** @throws where there is no store, or it does not answer */
function inTime<Value>(work: Promise<Value>): Promise<Value> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("no answer")), PATIENCE_MS));
  return Promise.race([store ? work : Promise.reject(new Error("no store")), late]);
}

/** Done at once, and not when the browser finds the time: the page may be on its way out. */
function written(change: (objects: IDBObjectStore) => void): Promise<unknown> {
  return transacted("readwrite", (objects) => {
    change(objects);
    objects.transaction.commit?.();
    return promisifyRequest(objects.transaction);
  });
}

export async function kept<Value>(key: string): Promise<Value | undefined> {
  try {
    return await inTime(transacted("readonly", (objects) => promisifyRequest<Value | undefined>(objects.get(key))));
  } catch {
    return undefined;
  }
}

/** @returns whether it could */
export async function keep(key: string, value: unknown): Promise<boolean> {
  try {
    await inTime(written((objects) => objects.put(value, key)));
    return true;
  } catch {
    return false;
  }
}

/** All that there is: what was kept by another version, or was damaged, may be what stands in the way. */
export async function forgetAll(): Promise<void> {
  await inTime(written((objects) => objects.clear())).catch(() => {});
}

export async function forget(key: string): Promise<void> {
  await inTime(written((objects) => objects.delete(key))).catch(() => {});
}
