/** What lives in a worker, by the number under which its caller knows it. */
import { Owner } from "../dispose.js";
import type { Connection } from "./connection.js";

/** @internal What nobody holds any more is let go. */
export const dropped = new FinalizationRegistry<() => void>((letGo) => letGo());

/** @internal The runtime that it is of. */
export interface RemoteHome {
  readonly connection: Connection;
  readonly disposed: boolean;
}

/** What a worker holds by a number. */
export abstract class Remote extends Owner {
  /** @internal */
  readonly runtime: RemoteHome;
  /** @internal */
  readonly id: number;

  /** @internal */
  constructor(what: string, runtime: RemoteHome, upper: { readonly disposed: boolean }, id: number) {
    super(what, upper);
    this.runtime = runtime;
    this.id = id;
    const { connection } = runtime;
    dropped.register(this, () => connection.tell("release", id), this);
  }

  /** @internal */
  protected override release(): void {
    dropped.unregister(this);
    this.runtime.connection.tell("release", this.id);
  }

  /** @internal What the worker answers to a call about it. @throws {DisposedError} */
  async ask(name: string, args: readonly unknown[], move: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.assertAlive();
    return this.runtime.connection.call(name, [this.id, ...args], { move, holder: this });
  }
}
