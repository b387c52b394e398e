/** What gradcheck looks at: checked at the door, its inputs, its outputs and what of it is trained. */
import { type ByName, isPlain } from "./by-name.js";
import { show } from "./checks.js";
import { ArgumentError, DTypeError } from "./errors.js";
import { isImpostor } from "./heir.js";
import { Layer } from "./layers/layer.js";
import type { Parameter } from "./parameters.js";
import { Tensor } from "./tensor.js";

/** What gradcheck looks at, of one or several inputs and outputs: a layer, a model, or an object of your own. */
export interface CheckableByName {
  /** The output, as a tensor or as `output`; or several by name. */
  forward(x: Tensor | ByName<Tensor>): Tensor | { output: Tensor } | ByName<Tensor>;
  /**
   * A backward pass of its own, to be looked at: ∂L/∂x as a tensor or as `dX`, or nothing where x is not differentiated. Default: what a frame
   * makes of the layers and operators in `forward`. For one input and one output.
   */
  backward?(dOutput: Tensor): unknown;
  /** What is differentiated beside x. */
  parameters(): Parameter[];
  /** The same with the names that the result says; default: their own. */
  namedParameters?(): [string, Parameter][];
  /** Sets the gradients to zero. */
  zeroGrad(): void;
  /** What a forward pass begins with and changes, such as a state that is carried on: put back before each. */
  namedBuffers?(): [string, Tensor][];
}

/** What gradcheck looks at, of one input and one output. */
export interface Checkable extends CheckableByName {
  forward(x: Tensor): Tensor | { output: Tensor };
}

const COARSE = 'f32, whose differences are too coarse (make the model and its input in a runtime of createRuntime({ dtype: "f64" }))';

/** @internal One of the inputs. */
export interface Input {
  readonly name: string;
  readonly tensor: Tensor;
}

/** @internal @throws {ArgumentError} @throws {DTypeError} */
export function inputsOf(x: unknown): [Input, ...Input[]] {
  const given = isPlain(x) ? Object.entries(x).map(([name, tensor]) => [`x.${name}`, tensor]) : [["x", x]];
  if (given.length === 0) throw new ArgumentError("x", "a tensor, or tensors by name", "none");
  return given.map(([name, tensor]) => {
    if (!(tensor instanceof Tensor)) throw new ArgumentError(name as string, "a Tensor (of rt.tensor())", show(tensor));
    if (tensor.dtype === "f32") throw new DTypeError(name as string, "f64", COARSE);
    tensor.pointer(name as string);
    return { name, tensor };
  }) as [Input, ...Input[]];
}

/** @internal @returns the parameters that are trained */
export function checkSubject(model: CheckableByName, inputs: readonly Input[]): [string, Parameter][] {
  if (isImpostor(Layer, model)) throw new ArgumentError("model", "the layer itself", "a Proxy or an heir of one");
  for (const method of ["forward", "parameters", "zeroGrad"] as const) {
    if (typeof model?.[method] !== "function") throw new ArgumentError("model", `a layer, or an object with ${method}()`, show(model));
  }
  if (model.backward !== undefined && inputs.length > 1)
    throw new ArgumentError("model.backward", "none where there are several inputs", "one");
  const names = new Map(model.namedParameters?.().map(([name, parameter]) => [parameter, name]));
  const parameters = model.parameters().map((parameter): [string, Parameter] => [names.get(parameter) ?? parameter.name, parameter]);
  for (const [name, { dtype }] of parameters) if (dtype !== "f64") throw new DTypeError(name, "f64", COARSE);
  return parameters.filter(([, { requiresGrad }]) => requiresGrad !== false);
}

/** @internal The outputs, until the next forward of the model, or the next run of the frame. */
export function outputsOf(model: CheckableByName, x: Tensor | ByName<Tensor>): Tensor[] {
  const result: unknown = model.forward(x);
  const { output } = (result ?? {}) as { output?: unknown };
  const single = result instanceof Tensor ? result : output instanceof Tensor ? output : undefined;
  const outputs: unknown[] = single ? [single] : isPlain(result) ? Object.values(result) : [];
  if (outputs.length === 0 || !outputs.every((each) => each instanceof Tensor))
    throw new ArgumentError("model", "one whose forward gives a Tensor, one as output, or several by name", show(result));
  const bad = outputs.find(({ dtype }) => dtype !== "f64");
  if (bad) throw new DTypeError("output", "f64", bad.dtype);
  return outputs;
}
