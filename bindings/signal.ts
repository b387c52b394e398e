/** An `AbortSignal`, as far as it is used: its own name is known only to the types of browsers and of Node. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as theirs
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
