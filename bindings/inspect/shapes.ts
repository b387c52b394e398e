/** Shapes of all that a network computes. */
import { sizeOf } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { constantOf } from "../onnx/constant.js";
import type { ElementType } from "../onnx/element-types.js";
import { NumbersNeeded } from "../onnx/faults.js";
import { type Graph, readGraph, usedBy } from "../onnx/graph.js";
import { Layout } from "../onnx/layout.js";
import type { Value } from "../onnx/operator.js";
import type { Feeds } from "../onnx/plan.js";
import { type OnnxPort, portOf } from "../onnx/port.js";
import { readModel } from "../onnx/proto.js";
import { Uploads } from "../onnx/uploads.js";
import type { Runtime } from "../runtime.js";

/**
 * The shape of each value that a network makes of these inputs. It is run once, node by node, so that nothing is left out that a run would do with
 * others at once.
 *
 * @param runtime in which `loadOnnx` has opened a session of these bytes @param feeds as `session.run` takes them
 * @returns by the values' names; those within branches are not told
 * @example
 * const shapes = valueShapes(rt, bytes, { x: rt.zeros([16, 1, 3]) });
 * @throws {FormatError} @throws {ArgumentError} @throws {ShapeError} @throws {MemoryError}
 */
export function valueShapes(runtime: Runtime, bytes: Uint8Array, feeds: Feeds): Map<string, readonly number[]> {
  const { graph: proto, opsets } = readModel(bytes);
  if (!proto) throw new FormatError("onnx: expected a model with a graph, got one without");
  const graph = withAllOutputs(readGraph(proto));
  const ports = graph.inputs.map((value) => portOf("input", value));
  const uploads = new Uploads(runtime);
  const byNumbers = new Set<string>();
  try {
    for (;;) {
      const layout = new Layout(runtime, { opset: opsets.get("") ?? 0, storage: "f32", uploads });
      try {
        const inputs = new Map(ports.map((port) => [port.name, given(port, feeds, byNumbers.has(port.name))]));
        const values = layout.run(graph, inputs);
        return new Map(graph.outputs.map(({ name }, i) => [name, (values[i] as Value).shape]));
      } catch (error) {
        if (!(error instanceof NumbersNeeded) || [...error.inputs].every((name) => byNumbers.has(name))) throw error;
        for (const name of error.inputs) byNumbers.add(name);
      } finally {
        layout.dispose();
      }
    }
  } finally {
    uploads.dispose();
  }
}

/** As if it gave all that its nodes read of one another. */
function withAllOutputs(graph: Graph): Graph {
  const used = new Set([...graph.nodes.flatMap((node) => usedBy(node)), ...graph.outputs.map(({ name }) => name)]);
  const made = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => used.has(name)));
  return { ...graph, outputs: made.map((name) => ({ name, type: undefined, shape: undefined })) };
}

/** @param asNumbers where a shape follows from them */
function given({ name, type, shape: own }: OnnxPort, feeds: Feeds, asNumbers: boolean): Value {
  const tensor = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
  if (!tensor) throw new ArgumentError(`feeds.${name}`, "a Tensor", "none");
  const shape = own?.length === 0 && sizeOf(tensor.shape) === 1 ? [] : tensor.shape;
  const element = type as ElementType;
  if (asNumbers) return { type: element, shape, constant: constantOf(element, shape, tensor.toArray()) };
  return { type: element, shape, tensor, origins: new Set([name]) };
}
