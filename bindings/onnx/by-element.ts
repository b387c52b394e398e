/** Element by element in JavaScript, at every run, in place of a kernel: nothing is copied for it. */
import type { ElementType } from "./element-types.js";
import type { Build, Value } from "./operator.js";
import { saturated } from "./uploads.js";

/** @param type of the result */
export function byElement(build: Build, x: Value, type: ElementType, f: (x: number) => number): Value {
  const [from, to] = [build.tensor(x), build.empty(type, x.shape)];
  const { runtime } = build;
  const limited = to.dtype === "i32" ? (value: number) => saturated(f(value)) : f;
  build.step(() => {
    const [values, results] = [runtime.view(from.dtype, from.pointer(), from.size), runtime.view(to.dtype, to.pointer(), from.size)];
    for (let i = 0; i < results.length; i++) results[i] = limited(values[i] as number);
  });
  return build.value(to, type, x.shape);
}
