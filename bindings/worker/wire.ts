/** What goes between a page and its worker. */
import type { PackedError } from "./packed-errors.js";

/** Both sides speak the same, or the worker's file is of another version. */
export const PROTOCOL = 1;

/** From the caller to the worker. */
export type Request =
  | { readonly hello: number }
  /** Of id 0 no answer is awaited. */
  | { readonly id: number; readonly call: string; readonly args: readonly unknown[] }
  | { readonly id: number; readonly cancel: true }
  /** What a callback is given beside the news: `training.stop()`. */
  | { readonly id: number; readonly stop: true }
  | { readonly id: number; readonly answer: number; readonly failed: boolean; readonly value?: unknown };

/** From the worker to the caller. */
export type Reply =
  | { readonly welcome: number }
  /** A message came that could not be read: nobody knows which. */
  | { readonly unread: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PackedError }
  /** It ended by the signal: the caller knows the reason. */
  | { readonly id: number; readonly aborted: true }
  /** It ended by what the caller threw when it was asked. */
  | { readonly id: number; readonly thrown: number }
  | { readonly id: number; readonly ask: number; readonly name: string; readonly value: unknown };
