/** What a pickle of PyTorch may hold beside texts, numbers, lists and dictionaries. */
import type { Stored } from "../io/elements.js";

/** A class or a function by its name: it is never looked up. */
export class Global {
  constructor(readonly name: string) {}
}

/** A storage: where it lies is told by its key. */
export class Storage {
  constructor(
    readonly stored: Stored,
    readonly key: string,
    readonly count: number,
  ) {}
}

/** A tensor over a storage, in elements. */
export class TensorEntry {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** A value that is known and of no use here, such as a scalar of NumPy. */
export class Opaque {
  constructor(readonly name: string) {}
}

export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}
