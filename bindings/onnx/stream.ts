/** A network that carries state from step to step: what it gives as its new state is its old one at the next step. */
import { checkByName, put } from "../by-name.js";
import { checkData, checkOptions, lengthOf, sameShape, show, sizeOf } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, Tensor } from "../tensor.js";
import type { Feeds } from "./plan.js";
import type { OnnxPort } from "./port.js";

/** What is run at each step: a session. */
export interface Stepped {
  readonly runtime: Runtime;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  runSync(feeds: Feeds): Record<string, Tensor>;
}

/** Options of `session.stream`. */
export interface OnnxStreamOptions {
  /** Each input that is state, with the output that is its next value. Default: pairs whose names tell, as state and stateN, h0 and hn, x_in and x_out. */
  state?: Readonly<Record<string, string>>;
  /** Where it begins, by input. Default: zeros, sizes that may vary being 1. */
  initial?: Feeds;
}

interface Carried {
  readonly input: string;
  readonly output: string;
  readonly tensor: Tensor;
  readonly initial: ArrayLike<number>;
}

/** Made by `session.stream()`. */
export class OnnxStream extends Owner {
  readonly #session: Stepped;
  readonly #carried: readonly Carried[];
  /** Inputs whose open sizes were taken as 1. */
  readonly #guessed: readonly OnnxPort[];

  /** @internal */
  constructor(session: Stepped, options: OnnxStreamOptions) {
    super("ONNX stream", session.runtime);
    const { state, initial = {} } = checkOptions(options, ["state", "initial"]);
    if (state !== undefined) checkByName("state", state);
    checkByName("initial", initial);
    this.#session = session;
    const pairs = state === undefined ? pairsOf(session) : Object.entries(state);
    if (pairs.length === 0)
      throw new ArgumentError("state", "inputs with the outputs that are their next values", `none${toPair(session)}`);
    const stranger = Object.keys(initial).find((name) => !pairs.some(([input]) => input === name));
    if (stranger !== undefined) throw new ArgumentError("initial", pairs.map(([input]) => input).join(", "), stranger);
    const ports = pairs.map(([input, output]) => portsOf(session, input, output));
    const twice = ports.find(({ output }, i) => ports.findIndex((other) => other.output === output) < i);
    if (twice) throw new ArgumentError(`state.${twice.input.name}`, "an output for each input alone", `${twice.output.name} again`);
    for (const { input } of ports) if (Object.hasOwn(initial, input.name)) checkInitial(session, input, initial[input.name]);
    this.#guessed = ports.flatMap(({ input }) => (!Object.hasOwn(initial, input.name) && isOpen(input) ? [input] : []));
    const carried: Carried[] = [];
    this.#carried = carried;
    try {
      for (const { input, output } of ports) {
        const given = Object.hasOwn(initial, input.name) ? initial[input.name] : undefined;
        const tensor = given?.clone() ?? session.runtime.zeros(sizesOf(input), { dtype: input.dtype });
        carried.push({ input: input.name, output: output.name, tensor, initial: tensor.toArray() });
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * One step, of a sample or of a stretch of them, as the network has it.
   *
   * @param feeds the inputs that are no state @returns the outputs that are none, valid until the next run of its session
   * @throws {ArgumentError} @throws {ShapeError} when a state would change its shape @throws {DTypeError} @throws {DisposedError}
   */
  step(feeds: Feeds): Record<string, Tensor> {
    this.assertAlive();
    checkByName("feeds", feeds);
    const all: Record<string, Tensor> = { ...feeds };
    for (const { input, tensor } of this.#carried) {
      if (Object.hasOwn(feeds, input))
        throw new ArgumentError(`feeds.${input}`, "inputs that are no state", "one that is (set it by `state`)");
      put(all, input, tensor);
    }
    const results = this.#run(all);
    const { memory } = this.#session.runtime;
    for (const { input, output, tensor } of this.#carried) {
      const { shape } = results[output] as Tensor;
      if (!sameShape(shape, tensor.shape)) throw new ShapeError(output, `${show([...tensor.shape])}, as ${input}`, show([...shape]));
    }
    for (const { output, tensor } of this.#carried) {
      const next = results[output] as Tensor;
      memory.copy(tensor.pointer(), next.pointer(), tensor.size * bytesPer(tensor.dtype));
      tensor.written();
      delete results[output];
    }
    return results;
  }

  #run(feeds: Feeds): Record<string, Tensor> {
    try {
      return this.#session.runSync(feeds);
    } catch (error) {
      throw this.#misfit(feeds, error) ?? error;
    }
  }

  /** What is fed has another size than the state, where a name says that they are one. */
  #misfit(feeds: Feeds, cause: unknown): ShapeError | undefined {
    for (const { name, shape = [] } of this.#session.inputs)
      for (const [axis, size] of shape.entries()) {
        const given = feeds[name]?.shape?.[axis] ?? 1;
        const state = given !== 1 && size !== "" ? this.#guessed.find((input) => input.name !== name && isOpen(input, size)) : undefined;
        if (state) {
          const cure = `for another begin with tensors of it: stream({ initial: { ${state.name}: … } })`;
          return new ShapeError(`feeds.${name}`, `${size} of 1, as ${state.name} has it (${cure})`, `${given}`, { cause });
        }
      }
    return undefined;
  }

  /** The state as it is now, by input: a copy. Setting it goes on from there. */
  get state(): Readonly<Record<string, Float32Array | Float64Array | Int32Array>> {
    this.assertAlive();
    return Object.fromEntries(this.#carried.map(({ input, tensor }) => [input, tensor.toArray()]));
  }

  /** Goes on from here. @throws {ShapeError} when an input's numbers are missing, or not as many */
  set state(values: Readonly<Record<string, ArrayLike<number>>>) {
    this.assertAlive();
    checkByName("state", values);
    const read = this.#carried.map(({ input, tensor }) => {
      const value = Object.hasOwn(values, input) ? values[input] : undefined;
      if (lengthOf(value) !== tensor.size) throw new ShapeError(`state.${input}`, `${tensor.size} numbers`, show(lengthOf(value)));
      return checkData(`state.${input}`, value, tensor.size, tensor.dtype === "i32");
    });
    for (const [i, { tensor }] of this.#carried.entries()) tensor.set(read[i] as ArrayLike<number>);
  }

  /** Back to where it began. */
  reset(): void {
    this.assertAlive();
    for (const { tensor, initial } of this.#carried) tensor.set(initial);
  }

  protected override release(): void {
    for (const { tensor } of this.#carried) tensor.dispose();
  }
}

/** Of what a state begins with. @throws {ArgumentError} @throws {DTypeError} @throws {DisposedError} */
function checkInitial({ runtime }: Stepped, { name, dtype, type }: OnnxPort, tensor: unknown): void {
  if (tensor === undefined) return;
  if (!(tensor instanceof Tensor)) throw new ArgumentError(`initial.${name}`, "a Tensor", show(tensor));
  tensor.pointer(`initial.${name}`);
  if (tensor.home !== runtime) throw new ArgumentError(`initial.${name}`, "a tensor of this runtime", "one of another");
  if (tensor.dtype !== dtype) throw new DTypeError(`initial.${name}`, `${dtype} (${type})`, tensor.dtype);
}

/** Pairs whose names tell: the same but for what says "before" in one and "after" in the other. */
function pairsOf({ inputs, outputs }: Stepped): [string, string][] {
  return inputs.flatMap(({ name, type }): [string, string][] => {
    const found = outputs.filter((output) => output.type === type && followersOf(name).includes(output.name));
    return found.length === 1 ? [[name, (found[0] as OnnxPort).name]] : [];
  });
}

function toPair({ inputs, outputs }: Stepped): string {
  const [from, to] = [inputs, outputs].map((ports) => ports.map(({ name }) => name).join(", "));
  return ` whose names tell (stream({ state: { input: "output", … } }) pairs the inputs ${from} with the outputs ${to})`;
}

function followersOf(name: string): string[] {
  const stem = name.replace(/(_in|_prev|0|_0)$/, "");
  const plain = ["N", "n", "_n", "_out", "_new", "_next", "Out"].map((end) => `${stem}${end}`);
  return [...plain, name.replace("past", "present"), name.replace("prev", "next"), name.replace("initial", "final")].filter(
    (each) => each !== name,
  );
}

function portsOf(session: Stepped, input: string, output: string): { input: OnnxPort; output: OnnxPort } {
  const [from, to] = [session.inputs.find(({ name }) => name === input), session.outputs.find(({ name }) => name === output)];
  if (!from) throw new ArgumentError("state", `an input, of ${session.inputs.map(({ name }) => name).join(", ")}`, input);
  if (!to) throw new ArgumentError(`state.${input}`, `an output, of ${session.outputs.map(({ name }) => name).join(", ")}`, show(output));
  if (from.dtype !== to.dtype) throw new ArgumentError(`state.${input}`, `an output of ${from.type}`, `${output} of ${to.type}`);
  return { input: from, output: to };
}

/** @param size the one that is meant; none: any that may vary */
function isOpen({ shape = [] }: OnnxPort, size?: number | string): boolean {
  return shape.some((own) => typeof own === "string" && (size === undefined || own === size));
}

function sizesOf({ name, shape }: OnnxPort): number[] {
  if (!shape) throw new ArgumentError("initial", `a tensor for ${name}, whose rank may vary`, "none");
  const sizes = shape.map((size) => (typeof size === "number" ? size : 1));
  return sizeOf(sizes) > 0 && sizes.length > 0 ? sizes : [1];
}
