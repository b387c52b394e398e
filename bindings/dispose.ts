/// <reference lib="esnext.disposable" preserve="true" />
/** Symbol.dispose, also where the host has none yet: the key under which compiled `using` looks for it. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);
