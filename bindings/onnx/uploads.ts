/** Constants in memory, each once and only where a kernel reads it; what plans of a session share of them, and graphs within nodes. */
import { Arena } from "../graph/arena.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import type { Constant } from "./constant.js";
import { dtypeOf } from "./element-types.js";
import { fused } from "./fuse.js";
import { type Graph, readGraph } from "./graph.js";
import type { OnnxNode } from "./node.js";
import type { ProtoGraph } from "./proto.js";

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

export class Uploads {
  readonly #runtime: Runtime;
  readonly #shared: Uploads | undefined;
  readonly #tensors = new Map<Constant["data"], Map<string, Tensor>>();
  readonly #lasting = new WeakSet<Constant["data"]>();
  readonly #branches = new WeakMap<ProtoGraph, Graph>();
  readonly #arena: Arena;
  /** What nodes made of constants. */
  readonly #made = new Map<OnnxNode, { readonly of: readonly Constant["data"][]; readonly how: string; readonly ptr: number }[]>();

  /** @param shared those of the session, where these are of one plan: of constants that follow from its shapes */
  constructor(runtime: Runtime, shared?: Uploads) {
    this.#runtime = runtime;
    this.#shared = shared;
    this.#arena = new Arena(runtime.memory, "the end of its session", this);
  }

  /** A graph within a node, read once. @throws {FormatError} */
  branch(proto: ProtoGraph, outer: (name: string) => boolean): Graph {
    const graph = this.#branches.get(proto) ?? fused(readGraph(proto, outer));
    this.#branches.set(proto, graph);
    return graph;
  }

  /** Numbers of the file itself: the same array for every plan. */
  last({ data }: Constant): void {
    this.#lasting.add(data);
  }

  /**
   * What a node makes of numbers of the file, made once. Undefined: of others, which are of one plan alone.
   *
   * @throws {MemoryError}
   */
  kept(node: OnnxNode, constants: readonly Constant[], how: string, bytes: number, fill: (ptr: number) => void): number | undefined {
    const of = constants.map(({ data }) => data);
    if (!of.every((data) => this.#lasting.has(data))) return undefined;
    const made = this.#made.get(node) ?? [];
    const found = made.find((one) => one.how === how && one.of.length === of.length && one.of.every((data, i) => data === of[i]));
    if (found) return found.ptr;
    const ptr = this.#arena.take(bytes);
    fill(ptr);
    this.#made.set(node, [...made, { of, how, ptr }]);
    return ptr;
  }

  lasts({ data }: Constant): boolean {
    return this.#lasting.has(data);
  }

  /** @throws {MemoryError} */
  of(constant: Constant): Tensor {
    const { type, shape, data } = constant;
    if (this.#shared?.lasts(constant)) return this.#shared.of(constant);
    const key = `${type} ${shape}`;
    const byShape = this.#tensors.get(data) ?? new Map<string, Tensor>();
    this.#tensors.set(data, byShape);
    const found = byShape.get(key);
    if (found) return found;
    const dtype = dtypeOf(type);
    const numbers = dtype === "i32" ? Int32Array.from(data, saturated) : data;
    const tensor = this.#runtime.tensor(numbers, shape.length === 0 ? [1] : shape, { dtype });
    byShape.set(key, tensor);
    return tensor;
  }

  dispose(): void {
    for (const byShape of this.#tensors.values()) for (const tensor of byShape.values()) tensor.dispose();
    this.#tensors.clear();
    this.#made.clear();
    this.#arena.dispose();
  }
}

/** "To the end", as an index beyond all, stays beyond all. */
export function saturated(value: number): number {
  return Math.min(Math.max(value, LEAST), MOST);
}
