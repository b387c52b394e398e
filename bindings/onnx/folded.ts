/** What no kernel does: read, computed in JavaScript, and written at every run. */
import { FormatError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import { constantOf } from "./constant.js";
import type { OnnxNode } from "./node.js";
import type { Build, OnnxOperator, Value } from "./operator.js";
import { saturated } from "./uploads.js";

export type Fold = NonNullable<OnnxOperator["fold"]>;

/** @throws {FormatError} also at a later run, where numbers tell another shape then */
export function folded(build: Build, node: OnnxNode, fold: Fold, inputs: readonly (Value | undefined)[]): Value[] {
  const compute = () =>
    fold(
      node,
      inputs.map((input) => input && (input.constant ?? constantOf(input.type, input.shape, (input.tensor as Tensor).toArray()))),
      build.opset,
    );
  const results = compute().map(({ type, shape }) => build.value(build.empty(type, shape), type, shape));
  build.step(() => {
    for (const [i, { data, shape }] of compute().entries()) {
      const { tensor, shape: expected } = results[i] as Value;
      if (String(shape) !== String(expected))
        throw new FormatError(`onnx: ${node.label}: expected shapes that the inputs' shapes tell, got one that their numbers tell`);
      (tensor as Tensor).set(tensor?.dtype === "i32" ? Int32Array.from(data, saturated) : data);
    }
  });
  return results;
}
