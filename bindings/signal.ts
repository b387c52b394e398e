/** Signals that end work from outside. */
import { show } from "./checks.js";
import { ArgumentError } from "./errors.js";

/** An `AbortSignal`, as far as it is used: its own name is known only to the types of browsers and of Node. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as theirs
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** @internal @throws {ArgumentError} on what is no signal, an heir of one, or a Proxy */
export function checkSignal(signal: AbortSignalLike | undefined): AbortSignalLike | undefined {
  try {
    if (signal === undefined || isSignal(signal)) return signal;
  } catch {
    // An heir of one, or a Proxy: it cannot be asked.
  }
  throw new ArgumentError("signal", "an AbortSignal", show(signal));
}

/** By what it can do: one of another realm is no heir of this one's class. */
function isSignal({ aborted, throwIfAborted, addEventListener, removeEventListener }: AbortSignalLike): boolean {
  return (
    typeof aborted === "boolean" && [throwIfAborted, addEventListener, removeEventListener].every((each) => typeof each === "function")
  );
}
