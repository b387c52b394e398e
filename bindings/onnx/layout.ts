/** Lays a graph out for given shapes: what is known is folded, branches are taken, the rest becomes a list of steps. */

import { sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import { Arena } from "../graph/arena.js";
import type { Scope } from "../graph/node.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, Tensor, type WeightStorage } from "../tensor.js";
import { Budget } from "./budget.js";
import { type Constant, constantOf } from "./constant.js";
import { dtypeOf, type ElementType } from "./element-types.js";
import { inNode, NumbersNeeded } from "./faults.js";
import { folded } from "./folded.js";
import { type Graph, usedBy } from "./graph.js";
import { Names } from "./names.js";
import type { OnnxNode } from "./node.js";
import type { Build, Value } from "./operator.js";
import { operatorOf } from "./operators.js";
import { Pieces } from "./pieces.js";
import { faultsOf } from "./refusals.js";
import { Uploads } from "./uploads.js";
import { known, originsOf, shown, sizeOfAll } from "./values.js";

/** More numbers than these are computed by kernels, if there are any. */
const MOST_FOLDED = 4096;

export class Layout implements Build {
  readonly runtime: Runtime;
  readonly opset: number;
  readonly storage: WeightStorage;
  /** What is done at every run. */
  readonly steps: (() => void)[] = [];
  readonly owned: { dispose(): void }[] = [];
  readonly arena: Arena;
  /** What is computed once. */
  readonly fixed: Arena;
  /** What steps take for themselves alone when they are done again: pieces of the arena may be in use by others then. */
  readonly #passing: Arena;
  readonly #uploads: Uploads;
  readonly #own: Uploads; // goes with it
  readonly #pieces: Pieces;
  readonly #budget = new Budget();
  #node: OnnxNode | undefined;
  /** Whether what is done now is done once. */
  #once = false;

  constructor(runtime: Runtime, { opset, storage, uploads }: { opset: number; storage: WeightStorage; uploads: Uploads }) {
    this.runtime = runtime;
    this.opset = opset;
    this.storage = storage;
    this.#uploads = uploads;
    this.#own = new Uploads(runtime, uploads);
    this.arena = new Arena(runtime.memory, "the end of its session", this);
    this.fixed = new Arena(runtime.memory, "the end of its session", this);
    this.#passing = new Arena(runtime.memory, "the end of its session", this);
    this.#pieces = new Pieces(this.arena);
  }

  /** The frame in which operators are applied. */
  scope(): Scope {
    return {
      arena: this.#once ? this.fixed : this.arena,
      constants: this.fixed,
      nodes: null,
      trace: (output, forward, base) => {
        if (this.#once) return;
        this.#pieces.made(output, base);
        if (forward) this.steps.push(forward);
      },
    };
  }

  /** Does all steps again. */
  repeat(): void {
    const { runtime, steps } = this;
    const before = runtime.scope;
    this.#passing.rewind();
    runtime.scope = { arena: this.#passing, constants: this.fixed, nodes: null };
    try {
      for (const step of steps) step();
    } finally {
      runtime.scope = before;
    }
  }

  /** @param given the values of the inputs @returns those of the outputs @throws {FormatError} @throws {NumbersNeeded} */
  run(graph: Graph, given: ReadonlyMap<string, Value>, outer?: Names): Value[] {
    const names = new Names(graph, outer);
    for (const [name, constant] of graph.constants) {
      names.set(name, known(constant));
      this.#last(constant);
    }
    for (const [name, value] of given) names.set(name, value);
    for (const node of graph.nodes) {
      if (!node.outputs.some((name) => names.isUsed(name))) continue;
      const results = node.op === "If" && node.domain === "" ? this.#branch(node, names) : this.#apply(node, names);
      for (const [i, name] of node.outputs.entries()) {
        const value = results[i];
        if (name === "" || !names.isUsed(name)) continue;
        if (!value) throw new FormatError(`onnx: ${node.label}: expected at most ${results.length} outputs, got one more: ${name}`);
        names.set(name, value);
        if (value.tensor) this.#pieces.hold(value.tensor);
      }
      this.#pieces.settle();
      for (const name of usedBy(node)) {
        const last = names.used(name);
        if (last?.tensor) this.#pieces.drop(last.tensor);
      }
    }
    return graph.outputs.map(({ name }) => names.get(name));
  }

  /** Of the file itself. */
  #last(constant: Constant): void {
    this.#uploads.last(constant);
    this.#budget.free(constant);
  }

  #branch(node: OnnxNode, names: Names): Value[] {
    this.#node = node;
    const asked = names.find(node.inputs[0] ?? "");
    if (!asked) throw new FormatError(`onnx: ${node.label}: expected a condition, got none`);
    const condition = this.constant(asked, "a condition");
    const proto = node.graph(condition.data[0] ? "then_branch" : "else_branch");
    if (!proto) throw new FormatError(`onnx: ${node.label}: expected two branches, got one or none`);
    const inner = this.#uploads.branch(proto, (name) => names.find(name) !== undefined);
    const faults = faultsOf(inner.nodes, this.opset);
    if (faults.length > 0) throw new FormatError(`onnx: ${node.label}: ${faults.join("; ")}`);
    return this.run(inner, new Map(), names);
  }

  #apply(node: OnnxNode, names: Names): readonly Value[] {
    this.#node = node;
    const inputs = node.inputs.map((name) => (name === "" ? undefined : names.get(name)));
    const given = inputs.filter((input) => input !== undefined);
    const own = node.tensor("value");
    if (own) this.#last(own);
    const operator = operatorOf(node);
    if (!operator) throw new FormatError(`onnx: ${node.label}: expected an operator that is known`);
    const { fold } = operator;
    const numbers = fold && given.every(({ constant }) => constant) && sizeOfAll(given) <= MOST_FOLDED;
    if (numbers) {
      const results = this.#inContext(() =>
        fold(
          node,
          inputs.map((input) => input?.constant),
          this.opset,
        ),
      );
      this.#budget.spend(node, results);
      return results.map(known);
    }
    this.#once = given.every(({ constant, isFixed }) => constant || isFixed);
    const origins = originsOf(given);
    try {
      const results = this.#inContext(() => operator.build?.(this, node, inputs) ?? (fold ? folded(this, node, fold, inputs) : undefined));
      if (!results)
        throw new FormatError(`onnx: ${node.label}: expected inputs that it is computed for, got ${given.map(shown).join(", ")}`);
      this.#budget.spend(
        node,
        results.map(({ constant }) => constant),
      );
      return results.map((value) => ({ ...value, ...(this.#once && value.tensor && { isFixed: true }), ...(origins && { origins }) }));
    } finally {
      this.#once = false;
    }
  }

  #inContext<Result>(work: () => Result): Result {
    const before = this.runtime.scope;
    this.runtime.scope = this.scope();
    try {
      return work();
    } catch (error) {
      throw inNode(this.#node as OnnxNode, error);
    } finally {
      this.runtime.scope = before;
    }
  }

  tensor(value: Value): Tensor {
    return value.tensor ?? this.#own.of(value.constant as Constant);
  }

  constant(value: Value, what: string): Constant {
    const known = this.constantIf(value);
    if (known) return known;
    const { origins } = value;
    const message = `${this.#node?.label}: expected ${what} that the inputs' shapes tell`;
    if (origins) throw new NumbersNeeded(origins, message);
    throw new FormatError(`onnx: ${message}, got one that their numbers tell`);
  }

  constantIf({ type, shape, constant, tensor, isFixed }: Value): Constant | undefined {
    return constant ?? (tensor && isFixed ? constantOf(type, shape, tensor.toArray()) : undefined);
  }

  value(tensor: Tensor, type: ElementType, shape: readonly number[] = tensor.shape): Value {
    return { type, shape, tensor };
  }

  empty(type: ElementType, shape: readonly number[]): Tensor {
    const arena = this.#once ? this.fixed : this.arena;
    const dtype = dtypeOf(type);
    const tensor = new Tensor(
      this.runtime,
      arena.take(sizeOf(shape) * bytesPer(dtype)),
      shape.length === 0 ? [1] : shape,
      dtype,
      arena.lease,
    );
    if (!this.#once) this.#pieces.made(tensor, undefined);
    return tensor;
  }

  /** Keeps a tensor to the end, whatever else is over. */
  keep(tensor: Tensor): void {
    for (let uses = 0; uses < 2; uses++) this.#pieces.hold(tensor);
  }

  take(bytes: number): number {
    return this.fixed.take(bytes);
  }

  kept(node: OnnxNode, of: readonly Constant[], how: string, bytes: number, fill: (ptr: number) => void): number {
    const found = this.#uploads.kept(node, of, how, bytes, fill);
    if (found !== undefined) return found;
    const ptr = this.take(bytes);
    fill(ptr);
    return ptr;
  }

  step(work: () => void): void {
    work();
    if (!this.#once) this.steps.push(work);
  }

  own<Owned extends { dispose(): void }>(owned: Owned): Owned {
    this.owned.push(owned);
    return owned;
  }

  dispose(): void {
    for (const owned of this.owned) owned.dispose();
    this.#own.dispose();
    this.arena.dispose();
    this.fixed.dispose();
    this.#passing.dispose();
  }
}
