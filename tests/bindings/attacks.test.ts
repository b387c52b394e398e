/** What hostile use of frames, operators and names found: each was a wrong number without an error. */
import { expect, test } from "vitest";
import {
  ArgumentError,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  Dense,
  evaluate,
  Frame,
  gradcheck,
  HuberLoss,
  L1Loss,
  LastStep,
  type Loss,
  MinMaxScaler,
  Model,
  MSELoss,
  ParameterTensor,
  Sequential,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import {
  add,
  concat,
  detach,
  expand,
  less,
  max,
  mean,
  mul,
  permute,
  reshape,
  scan,
  slice,
  square,
  squeeze,
  sub,
  sum,
  tanh,
  unsqueeze,
  where,
} from "../../bindings/ops.js";
import { operatorFrame } from "../helpers/operator-frame.js";

const f64 = { dtype: "f64" } as const;

test.each<[string, (rt: never) => Loss]>([
  ["MSELoss", (rt) => new MSELoss(rt, f64)],
  ["L1Loss", (rt) => new L1Loss(rt, f64)],
  ["HuberLoss", (rt) => new HuberLoss(rt, { ...f64, delta: 0.3 })],
  ["a sum", (rt) => new MSELoss(rt, { ...f64, reduction: "sum" })],
])("a loss of two things that are learned goes back to both: %s", async (_, make) => {
  const { rt, frame } = await operatorFrame();
  using loss = make(rt as never);
  class Pair extends Model<{ a: Dense; b: Dense }> {
    override forward(x: Tensor): Tensor {
      const { a, b } = this.layers;
      const results = loss.forward(a.forward(x), b.forward(x));
      return mul(results.tensor as Tensor, 3);
    }
  }
  const dense = () => new Dense(rt, { inputSize: 2, outputSize: 3, ...f64 });
  using model = new Pair(rt, { a: dense(), b: dense() });
  using x = rt.tensor([0.3, -0.7, 0.2, 0.9], [2, 2], f64);
  expect(gradcheck(model, x)).toMatchObject({ passed: true });
  using y = rt.tensor([1, 2, 3, 4, 5, 6], [2, 3], f64);
  frame.backward(
    frame.record(() => loss.forward(model.layers.a.forward(x), y)),
    { inputs: [y] },
  );
  expect(
    frame
      .gradient(y)
      .toArray()
      .some((g) => g !== 0),
  ).toBe(true);
});

test("a target that no gradient can go to is refused where one would", async () => {
  const { rt, frame } = await operatorFrame();
  using p = new ParameterTensor(rt, [2, 1], { init: (q) => q.set([0.25, 0.5]) });
  using logits = rt.tensor([0.1, 0.2], [2, 1]);
  using loss = new BCEWithLogitsLoss(rt);
  const result = frame.record(() => loss.forward(mul(logits, 1), mul(p, 1)));
  expect(() => frame.backward(result)).toThrow(/BCEWithLogitsLoss: target: expected one that no gradient goes to \(detach it\)/);
  expect([...p.parameter.grad]).toEqual([0, 0]);
  const other = frame.record(() => loss.forward(mul(logits, p), detach(mul(p, 1))));
  frame.backward(other);
  expect(p.parameter.grad.every(Boolean)).toBe(true);
});

test("writes through views of a parameter are noticed, whatever the view is of", async () => {
  const { rt, frame } = await operatorFrame();
  const views: ((p: ParameterTensor) => Tensor)[] = [
    (p) => reshape(p, [1, 2]),
    (p) => squeeze(unsqueeze(p, 0), 0),
    (p) => slice(p, [[0, 2]]),
    (p) => detach(p),
    (p) => reshape(detach(unsqueeze(p, 0)), [2]),
  ];
  for (const view of views) {
    for (const write of [(v: Tensor) => void v.set([10, 20]), (v: Tensor) => void v.data.fill(7)]) {
      using p = new ParameterTensor(rt, [2], { init: (q) => q.set([1, 2]) });
      let seen: Tensor | undefined;
      const l = frame.record(() => {
        seen = view(p);
        void seen.data;
        return sum(square(p));
      });
      write(seen as Tensor);
      expect(() => frame.backward(l)).toThrow(StaleError);
      expect([...p.parameter.grad]).toEqual([0, 0]);
    }
  }
});

test("a loss's gradient that was written since is no gradient", async () => {
  const { rt, frame } = await operatorFrame();
  using p = new ParameterTensor(rt, [1, 2], { init: (q) => q.set([3, 4]) });
  using y = rt.tensor([1, 1], [1, 2]);
  using tokens = rt.tensor(Int32Array.of(1), [1]);
  using mse = new MSELoss(rt);
  using entropy = new CrossEntropyLoss(rt);
  for (const compare of [() => mse.forward(mul(p, 1), y), () => entropy.forward(mul(p, 1), tokens)]) {
    for (const write of [(g: Tensor) => void g.set([1000, 1000]), (g: Tensor) => void g.data.fill(0)]) {
      const result = frame.record(compare);
      write(result.gradient);
      expect(() => frame.backward(result)).toThrow(StaleError);
      expect([...p.parameter.grad]).toEqual([0, 0]);
    }
  }
});

test("what a tensor says of its layout goes on where its first two axes do, and nowhere else", async () => {
  const { rt, frame } = await operatorFrame();
  using x = rt.tensor(
    Float32Array.from({ length: 12 }, (_, i) => i),
    [2, 2, 3],
    { batchFirst: true },
  );
  using last = new LastStep(rt);
  const kept: Record<string, () => Tensor> = {
    scan: () => scan((a: Tensor, h: Tensor) => ({ output: a, state: h }), x, rt.zeros([2, 1])).output,
    "sum of features": () => sum(x, { axes: -1, keepDims: true }),
    "mean without them": () => unsqueeze(mean(x, { axes: 2 }), 2),
    maximum: () => max(x, { axes: [2], keepDims: true }),
    reshape: () => reshape(x, [2, 2, 3, 1]),
    "reshape to itself": () => reshape(x, [2, 2, 3]),
    expand: () => expand(slice(x, [null, null, [0, 1]]), [2, 2, 5]),
    permute: () => permute(x, [0, 1, 2]),
    concat: () => concat([x, x], -1),
  };
  frame.run(() => {
    for (const [name, make] of Object.entries(kept)) expect(make().batchFirst, name).toBe(true);
    const lost = [
      permute(x, [1, 0, 2]),
      unsqueeze(x, 0),
      unsqueeze(x, 1),
      sum(x, { axes: 0, keepDims: true }),
      mean(x, { axes: 1 }),
      reshape(x, [4, 3]),
    ];
    expect(lost.map(({ batchFirst }) => batchFirst)).toEqual(lost.map(() => undefined));
    expect([...last.forward((kept.scan as () => Tensor)()).toArray()]).toEqual([3, 4, 5, 9, 10, 11]);
    using other = rt.zeros([2, 2, 3], { batchFirst: false });
    for (const mix of [() => add(x, other), () => where(less(x, 1), x, other), () => concat([x, other], 0)])
      expect(mix).toThrow(ShapeError);
  });
});

test("what goes by the outputs' names is an object of such names; a name may be any object's", async () => {
  const { rt } = await operatorFrame();
  using dense = new Dense(rt, { inputSize: 1, outputSize: 1 });
  class Named extends Model<{ dense: Dense; last: LastStep }> {
    override forward(x: Tensor) {
      return {
        constructor: this.layers.dense.forward(this.layers.last.forward(x)),
        d: this.layers.dense.forward(this.layers.last.forward(x)),
      };
    }
  }
  using model = new Named(rt, { dense, last: new LastStep(rt) });
  using mse = new MSELoss(rt);
  const data = [{ x: [1, 2], y: { constructor: 1, d: 2 } }];
  const loss = { constructor: mse, d: mse };
  const measured = await evaluate(model, { data, loss });
  expect(Number.isFinite((measured as unknown as Record<string, number>)["constructor.loss"])).toBe(true);
  const scaler = new MinMaxScaler().fit([0, 10]);
  for (const targetScaler of [Promise.resolve({ d: scaler }), new Map([["d", scaler]]), new Set(), 3, [scaler]])
    await expect(evaluate(model, { data, loss, targetScaler } as never)).rejects.toThrow(ArgumentError);
  await expect(evaluate(model, { data, loss, metrics: new Map([["d", ["mae"]]]) } as never)).rejects.toThrow(
    /metrics: expected an object with some of/,
  );
  const twice = [{ q: () => 1 }, { q: () => 2 }];
  await expect(evaluate(model, { data, loss, metrics: { d: twice } } as never)).rejects.toThrow(
    /metrics.d\[1\]: expected a name of its own, got "q"/,
  );
});

test("an integer where an operator wants real numbers is the operator's matter, not the sample's", async () => {
  const { rt } = await operatorFrame();
  class Odd extends Model<{ dense: Dense }> {
    override forward(x: Tensor): Tensor {
      return this.layers.dense.forward(tanh(x));
    }
  }
  using model = new Odd(rt, { dense: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
  using mse = new MSELoss(rt);
  await expect(evaluate(model, { data: [{ x: Int32Array.of(1, 2), y: [1, 2] }], loss: mse })).rejects.toThrow(
    /^tanh: x: expected f32 or f64, got i32/,
  );
  using other = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]);
  const error = await evaluate(other, { data: [{ x: Int32Array.of(1, 2), y: [1, 2] }], loss: mse }).catch((error: unknown) => error);
  expect((error as Error).message).toMatch(/^x of sample 0: expected numbers/);
  expect(((error as Error).cause as Error).message).toMatch(/^x: expected f32/);
  using frame = new Frame(rt);
  using state = new ParameterTensor(rt, [1, 1]);
  using xs = rt.zeros([2, 1, 1]);
  const body = (x: Tensor, h: Tensor) => ({ output: x, state: h });
  expect(() => frame.run(() => scan(body, xs, state as never))).toThrow(
    /state: expected a Tensor, or tensors by name, got a ParameterTensor \(expand/,
  );
  expect(() => frame.run(() => scan(body, xs, new Map() as never))).toThrow(/got Map/);
  expect(() => frame.run(() => sub(rt.zeros([2]), rt.zeros([3])))).toThrow(/^sub: b: expected/);
});
