/** A parameter of one's own as a part of a model: counted, saved, frozen, clipped, trained; an operator that gives NaN is named. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ArgumentError,
  clipGradValue,
  Dense,
  Frame,
  fit,
  gradcheck,
  init,
  Model,
  MSELoss,
  NonFiniteError,
  ParameterTensor,
  type Runtime,
  Sequential,
  SGD,
  type Tensor,
} from "../../bindings/index.js";
import { add, log, mul } from "../../bindings/ops.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64" });
});
afterAll(() => rt.dispose());

class Scaled extends Model<{ scale: ParameterTensor; head: Dense }> {
  constructor() {
    const scale = new ParameterTensor(rt, [2], { init: (parameter) => init.constant(parameter, 0.5) });
    super(rt, { scale, head: new Dense(rt, { inputSize: 2, outputSize: 1 }) });
  }
  forward(x: Tensor): Tensor {
    return this.layers.head.forward(mul(x, this.layers.scale));
  }
}

test("it is counted, named, saved, loaded, frozen, clipped and ends with its model", () => {
  const before = rt.bytesInUse;
  const [model, other] = [new Scaled(), new Scaled()];
  expect(model.namedParameters().map(([name]) => name)).toEqual(["scale", "head.weight", "head.bias"]);
  expect(model.namedLayers().map(([name]) => name)).toEqual(["head"]);
  expect(model.summary()).toMatch(/^scale\s+ParameterTensor\s+2/);
  model.layers.scale.parameter.set([3, -4]);
  other.load(model.save());
  expect([...other.layers.scale.parameter.toArray()]).toEqual([3, -4]);
  const x = rt.tensor([1, 2], [1, 2]);
  expect(gradcheck(model, x)).toMatchObject({ passed: true });
  const frame = new Frame(rt);
  const pass = () => {
    const y = frame.record(() => model.forward(x));
    frame.backward(y);
  };
  pass();
  expect(model.layers.scale.parameter.grad.every((g) => g !== 0)).toBe(true);
  clipGradValue(model.parameters(), 1e-3);
  expect(model.layers.scale.parameter.grad.every((g) => Math.abs(g) <= 1e-3)).toBe(true);
  model.zeroGrad();
  model.layers.scale.freeze();
  pass();
  expect(model.layers.scale.parameter.grad.every((g) => g === 0)).toBe(true);
  expect(model.layers.head.parameters()[0]?.grad.some((g) => g !== 0)).toBe(true);
  for (const each of [model, other, x, frame]) each.dispose();
  expect(rt.bytesInUse).toBe(before);
});

test("fit trains it; an operator whose result is not finite is named; a Sequential refuses it", async () => {
  const model = new Scaled();
  const data = [1, 2, 3, 4].map((v) => ({ x: [[v, -v]], y: [2 * v] }));
  const started = model.layers.scale.parameter.toArray();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  await fit(model, { data, loss: new MSELoss(rt), optimizer, epochs: 3 });
  expect(model.layers.scale.parameter.toArray()).not.toEqual(started);
  class Logged extends Scaled {
    override forward(x: Tensor): Tensor {
      return add(super.forward(x), log(mul(x, -1)));
    }
  }
  const bad = new Logged();
  const wide = [1, 2].map((v) => ({ x: [[v, v]], y: [1, 1] }));
  const refused: unknown = await fit(bad, { data: wide, loss: new MSELoss(rt), optimizer: new SGD(bad.parameters(), { lr: 0.1 }) }).catch(
    (error) => error,
  );
  expect(refused).toBeInstanceOf(NonFiniteError);
  expect((refused as NonFiniteError).place?.layer).toBe("log (call 4 of 6)");
  expect(() => new Sequential(rt, { scale: model.layers.scale } as never)).toThrow(ArgumentError);
  for (const each of [model, bad, optimizer]) each.dispose();
});
