/** What the names of a graph stand for while it is laid out, and how often each is still needed. */
import { type Graph, usedBy } from "./graph.js";
import type { Value } from "./operator.js";

/** What is known by name, in a graph and around it. */
export class Names {
  readonly #values = new Map<string, Value>();
  readonly #left = new Map<string, number>();
  readonly #outer: Names | undefined;

  constructor(graph: Graph, outer?: Names) {
    this.#outer = outer;
    for (const node of graph.nodes) for (const name of usedBy(node)) this.#left.set(name, (this.#left.get(name) ?? 0) + 1);
    for (const { name } of graph.outputs) this.#left.set(name, Number.POSITIVE_INFINITY);
  }

  find(name: string): Value | undefined {
    return this.#values.get(name) ?? this.#outer?.find(name);
  }

  get(name: string): Value {
    return this.find(name) as Value; // the graph is sound
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** Whether anything will ask for it. */
  isUsed(name: string): boolean {
    return (this.#left.get(name) ?? 0) > 0;
  }

  /** One use less. @returns the value where it was the last, and is of this graph */
  used(name: string): Value | undefined {
    const left = (this.#left.get(name) ?? 1) - 1;
    this.#left.set(name, left);
    return left === 0 ? this.#values.get(name) : undefined;
  }
}
