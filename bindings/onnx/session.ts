/** A network of another tool, ready to run. */
import { sameShape, show, sizeOf, typedKind } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, DTypeError, FormatError, ShapeError } from "../errors.js";
import { operatorKernels } from "../ops/load.js";
import { Runtime } from "../runtime.js";
import { Tensor, type WeightStorage } from "../tensor.js";
import type { ElementType } from "./element-types.js";
import { NumbersNeeded } from "./faults.js";
import { fused } from "./fuse.js";
import { type Graph, readGraph } from "./graph.js";
import { type Feeds, Plan, type PlannedInput } from "./plan.js";
import { type OnnxPort, portOf } from "./port.js";
import { readModel } from "./proto.js";
import { faultOfModel, faultsOf } from "./refusals.js";
import { OnnxStream, type OnnxStreamOptions } from "./stream.js";
import { Uploads } from "./uploads.js";

/** Laid out at a time: a model that is fed ever new shapes does not hold memory for all of them. */
const MOST_PLANS = 8;

/**
 * A network of ONNX. For each set of shapes it is laid out once, at the first run: what follows from shapes is computed then, branches are taken;
 * a second run of the same shapes allocates nothing. Made by `loadOnnx`.
 */
export class OnnxSession extends Owner {
  readonly runtime: Runtime;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly #graph: Graph;
  readonly #opset: number;
  readonly #storage: WeightStorage;
  readonly #uploads: Uploads;
  /** The one that ran last comes first. */
  #plans: Plan[] = [];
  /** Laid out before more was known of the inputs. What is fed now may be a result of theirs. */
  #outdated: Plan[] = [];
  /** Inputs whose numbers say what is to be done, such as a sampling rate. */
  readonly #byNumbers = new Set<string>();

  /** @internal Use `loadOnnx`. */
  constructor(runtime: Runtime, bytes: Uint8Array, storage: WeightStorage = "f32") {
    super("ONNX session", runtime);
    this.runtime = runtime;
    const { graph, opset } = soundGraph(bytes);
    this.#graph = graph;
    this.#opset = opset;
    this.#storage = storage;
    this.inputs = graph.inputs.map((value) => portOf("input", value));
    this.outputs = graph.outputs.map(({ name, type, shape }) => portOf("output", { name, type: type ?? 1, shape }));
    for (const { dtype } of this.inputs) if (dtype !== "i32") operatorKernels(runtime, runtime.checkDType(dtype));
    this.#uploads = new Uploads(runtime);
  }

  /**
   * @param feeds a tensor for each input, by name; [1] for a single number
   * @returns a tensor for each output, by name, valid until the next run; `clone()` and `toArray()` keep it
   * @throws {ArgumentError} on an input that is missing or not known @throws {ShapeError} @throws {DTypeError} @throws {DisposedError}
   * @throws {FormatError} where these shapes lead to what cannot be computed here @throws {MemoryError}
   */
  async run(feeds: Feeds): Promise<Record<string, Tensor>> {
    return this.runSync(feeds);
  }

  /** The same, done when it returns. */
  runSync(feeds: Feeds): Record<string, Tensor> {
    this.assertAlive();
    const [last] = this.#plans;
    if (last && typeof feeds === "object" && feeds !== null && last.takes(feeds)) return last.run(feeds, false);
    for (;;) {
      const inputs = this.#checked(feeds);
      const found = this.#plans.find((plan) => plan.fits(inputs));
      const plan = found ?? this.#plan(inputs, feeds);
      if (!plan) continue; // now more is known of its inputs
      const results = plan.run(feeds, !found);
      if (plan !== last) last?.renew(); // what is fed may have been its result
      this.#plans = [plan, ...this.#plans.filter((other) => other !== plan)];
      for (const old of [...this.#outdated.splice(0), ...this.#plans.splice(MOST_PLANS)]) old.dispose();
      return results;
    }
  }

  /** @returns nothing when numbers of inputs turned out to be needed: those are known from now on */
  #plan(inputs: readonly PlannedInput[], feeds: Feeds): Plan | undefined {
    try {
      return new Plan(this.runtime, this.#graph, inputs, feeds, {
        ...{ opset: this.#opset, storage: this.#storage, uploads: this.#uploads, owner: this },
      });
    } catch (error) {
      if (!(error instanceof NumbersNeeded)) throw error;
      const more = [...error.inputs].filter((name) => !this.#byNumbers.has(name));
      if (more.length === 0) throw new FormatError(`onnx: ${error.message}, got one that they do not`);
      for (const name of more) this.#byNumbers.add(name);
      this.#outdated.push(...this.#plans.splice(0));
      return undefined;
    }
  }

  #checked(feeds: Feeds): PlannedInput[] {
    if (typeof feeds !== "object" || feeds === null || typedKind(feeds) !== undefined)
      throw new ArgumentError("feeds", "tensors by name", show(feeds));
    const stranger = Object.keys(feeds).find((name) => !this.inputs.some((input) => input.name === name));
    if (stranger !== undefined)
      throw new ArgumentError("feeds", `${this.inputs.map(({ name }) => name).join(", ")}`, `${stranger.slice(0, 200)} beside them`);
    return this.inputs.map((input) => this.#checkFeed(input, feeds));
  }

  #checkFeed({ name, type, dtype, shape }: OnnxPort, feeds: Feeds): PlannedInput {
    const tensor: unknown = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
    if (!(tensor instanceof Tensor)) throw new ArgumentError(`feeds.${name}`, "a Tensor", show(tensor));
    tensor.pointer(`feeds.${name}`);
    if (tensor.home !== this.runtime) throw new ArgumentError(`feeds.${name}`, "a tensor of this runtime", "one of another");
    if (tensor.dtype !== dtype) throw new DTypeError(`feeds.${name}`, `${dtype} (${type})`, tensor.dtype);
    const given = shape?.length === 0 && sameShape(tensor.shape, [1]) ? [] : tensor.shape;
    if (shape && !(given.length === shape.length && shape.every((size, d) => typeof size === "string" || size === given[d])))
      throw new ShapeError(`feeds.${name}`, `[${shape.map((size) => size || "?").join(", ")}]`, show([...tensor.shape]));
    const numbers = this.#byNumbers.has(name) && sizeOf(given) > 0 ? [...tensor.toArray()] : undefined;
    return { name, type: type as ElementType, dtype, shape: given, numbers };
  }

  /**
   * Runs step by step, the state carried.
   *
   * @example
   * const stream = session.stream(); // of a voice detector: input and state to output and stateN
   * const { output } = stream.step({ input: chunk });
   * @throws {ArgumentError} when no names tell what is state, and none are given @throws {MemoryError}
   */
  stream(options: OnnxStreamOptions = {}): OnnxStream {
    this.assertAlive();
    return new OnnxStream(this, options);
  }

  protected override release(): void {
    for (const plan of [...this.#plans.splice(0), ...this.#outdated.splice(0)]) plan.dispose();
    this.#uploads.dispose();
  }
}

/** @internal @throws {ArgumentError} @throws {DisposedError} */
export function checkedBytes(runtime: Runtime, bytes: Uint8Array): Uint8Array {
  if (!(runtime instanceof Runtime)) throw new ArgumentError("runtime", "a Runtime of createRuntime() (of the same entry)", show(runtime));
  runtime.assertAlive();
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function soundGraph(bytes: Uint8Array): { graph: Graph; opset: number } {
  const model = readModel(bytes);
  if (!model.graph || model.opsets.size === 0)
    throw new FormatError("onnx: expected a model with a graph and its opset, got bytes without");
  const fault = faultOfModel(model);
  if (fault !== undefined) throw new FormatError(`onnx: ${fault}`);
  const opset = model.opsets.get("") ?? 0;
  const graph = readGraph(model.graph);
  const faults = faultsOf(graph.nodes, opset);
  if (faults.length > 0)
    throw new FormatError(`onnx: expected operators that run here, got ${faults.length} that do not: ${faults.join("; ")}`);
  return { graph: fused(graph), opset };
}
