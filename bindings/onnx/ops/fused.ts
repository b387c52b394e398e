/** Nodes that fuse.ts made one: each in turn, where their product does not take the others along. */
import type { Constant } from "../constant.js";
import type { OnnxNode } from "../node.js";
import type { Build, OnnxOperator, OnnxOperators, Value } from "../operator.js";

type Inputs<Input> = readonly (Input | undefined)[];

/** Inputs of the product itself. */
export function headInputs<Input>(node: OnnxNode, inputs: Inputs<Input>): Inputs<Input> {
  return inputs.slice(0, node.tail[0]?.first ?? inputs.length);
}

/** Inputs of what follows, but for the result before. */
export function tailInputs<Input>(node: OnnxNode, i: number, inputs: Inputs<Input>): Inputs<Input> {
  const { first, count } = node.tail[i] ?? { first: 0, count: 0 };
  return inputs.slice(first, first + count);
}

/** @param build the product with all that follows; undefined: not these */
export function withTail(
  head: OnnxOperator,
  followers: OnnxOperators,
  build: (build: Build, node: OnnxNode, inputs: Inputs<Value>) => Value | undefined,
): OnnxOperator {
  const inTurn = <Of>(
    node: OnnxNode,
    inputs: Inputs<Of>,
    first: Of | undefined,
    next: (follower: OnnxNode, inputs: Inputs<Of>) => Of | undefined,
  ) => {
    let result = first;
    for (const [i, { node: follower, place }] of node.tail.entries()) {
      if (result === undefined) return undefined;
      const own = [...tailInputs(node, i, inputs)];
      own.splice(place, 0, result);
      result = next(follower, own);
    }
    return result;
  };
  return {
    ...head,
    fold(node, inputs, opset) {
      const first = head.fold?.(node.alone, headInputs(node, inputs), opset)[0];
      const last = inTurn<Constant>(node, inputs, first, (follower, own) => followers[follower.op]?.fold?.(follower, own, opset)[0]);
      return [last as Constant];
    },
    build(where, node, inputs) {
      const whole = build(where, node, inputs);
      if (whole) return [whole];
      const first = head.build?.(where, node.alone, headInputs(node, inputs))?.[0];
      const last = inTurn<Value>(node, inputs, first, (follower, own) => followers[follower.op]?.build?.(where, follower, own)?.[0]);
      return last && [last];
    },
  };
}
