/** A choice, element by element. */
import { DTypeError } from "../errors.js";
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { broadcastShape } from "./broadcast.js";
import { givePart, type Part, type Place, place, runTernary, scratchOf } from "./grids.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf, layoutOf } from "./operator.js";

/** Its number in assembly/ops/where.ts. */
const CHOICE = 0;

/** y = a where the condition holds, else b. */
function choose(call: Call, scratch: number, y: Place, a: Place, b: Place): void {
  const [condition] = call.inputs as [Tensor];
  runTernary(call, CHOICE, scratch, y, place(condition), a, b, bytesPer("i32"));
}

/** What reaches the output where the operand was chosen, else zeros. */
function part(call: Call, gradients: Gradients, which: 1 | 2): void {
  const { inputs, output, runtime } = call;
  const operand = inputs[which] as Tensor;
  if (!gradients.wants(operand)) return;
  const size = bytesPer(output.dtype);
  const none = { ptr: gradients.slots.get("zero", size), shape: [1] };
  const rule: Part = (call, d, dy, scratch) => {
    runtime.memory.bytes.fill(0, none.ptr, none.ptr + size);
    choose(call, scratch, d, which === 1 ? dy : none, which === 1 ? none : dy);
  };
  givePart(call, gradients, operand, rule, which === 1 ? "da" : "db");
}

const WHERE = define<undefined>({
  name: "where",
  infer([condition, a, b]) {
    const [c, left, right] = [condition as Tensor, a as Tensor, b as Tensor];
    if (c.dtype !== "i32") throw new DTypeError("condition", "i32, as comparisons give it", c.dtype);
    const dtype = floatsOf([left, right]);
    return {
      shape: broadcastShape([c.shape, left.shape, right.shape], ["condition", "a", "b"]),
      dtype,
      batchFirst: layoutOf([c, left, right], ["condition", "a", "b"]),
    };
  },
  forward(call) {
    const [, a, b] = call.inputs as [Tensor, Tensor, Tensor];
    choose(call, scratchOf(call.slots), place(call.output), place(a), place(b));
  },
  backward(call, gradients) {
    part(call, gradients, 1);
    part(call, gradients, 2);
  },
  reads: "inputs",
  numbersAreReal: true,
});

/**
 * a where the condition is not 0, else b. Shapes broadcast as NumPy's; a and b may be numbers. What is not chosen may hold anything, NaN too, and
 * gets a gradient of 0.
 *
 * @param condition i32, as comparisons give it
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => where(greater(x, 0), x, 0));
 * Source: torch.where.
 */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  return apply(WHERE, [condition, a, b], undefined);
}
