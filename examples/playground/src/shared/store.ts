/** What the page keeps from visit to visit, in IndexedDB. Where there is none, as in some private windows, it forgets. */
import { createStore, del, get, set } from "idb-keyval";

const store = (() => {
  try {
    return createStore("wasm-rnn-playground", "kept");
  } catch {
    return undefined;
  }
})();

export async function kept<Value>(key: string): Promise<Value | undefined> {
  try {
    return await get<Value>(key, store);
  } catch {
    return undefined;
  }
}

/** @returns whether it could */
export async function keep(key: string, value: unknown): Promise<boolean> {
  try {
    await set(key, value, store);
    return true;
  } catch {
    return false;
  }
}

export async function forget(key: string): Promise<void> {
  await del(key, store).catch(() => {});
}
