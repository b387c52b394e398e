/** A momentum that OneCycleLR turns, as PyTorch's; AMSGrad's twin; an optimizer's state as bytes. */
import { describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  ArgumentError,
  Dense,
  DTypeError,
  type FloatType,
  FormatError,
  fit,
  type HasRate,
  LinearLR,
  loadSafetensors,
  OneCycleLR,
  type Optimizer,
  type Parameter,
  RMSprop,
  type Runtime,
  SequentialLR,
  SGD,
  ShapeError,
  saveSafetensors,
} from "../../bindings/index.js";
import { loadEveryOptimizer } from "../golden/load.js";
import { expectClose } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { partsOf, runOf, stateOf } from "../helpers/resumable.js";
import { DTYPES, testRuntime } from "../helpers/runtime.js";
import { adamState, adamStep } from "../reference/optim.js";

const g = loadEveryOptimizer();
const KINDS = { SGD, Adam, AdamW, RMSprop, Adagrad } as const;
const TOLERANCE: Record<FloatType, number> = { f64: 1e-10, f32: 1e-4 };

const camel = (options: object) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]));

function make(optimizer: string, options: object, parameters: readonly Parameter[]): Optimizer {
  const Kind = KINDS[optimizer as keyof typeof KINDS] as new (parameters: readonly Parameter[], options: object) => Optimizer;
  return new Kind(parameters, { lr: 0.2, ...camel(options) });
}

/** A layer whose weight alone is trained, and its gradient given: dW = dYᵀ·X, X the identity. */
function weightOf(rt: Runtime) {
  const layer = new Dense(rt, { inputSize: 3, outputSize: 4, bias: false });
  const [weight] = layer.parameters() as [Parameter];
  weight.set(g.initial[0] as number[]);
  const give = (gradient: number[]) => {
    using x = rt.tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]);
    using d = rt.tensor(
      Array.from({ length: 12 }, (_, at) => gradient[(at % 4) * 3 + Math.floor(at / 4)] as number),
      [3, 4],
    );
    layer.zeroGrad();
    layer.forward(x);
    layer.backward(d);
  };
  return { layer, weight, give };
}

const inertia = (optimizer: Optimizer) =>
  optimizer instanceof Adam || optimizer instanceof AdamW ? optimizer.betas[0] : (optimizer as SGD).momentum;

describe.each(DTYPES)("OneCycleLR turns the momentum as PyTorch's, in %s", (dtype) => {
  test.each(
    g.cycles.map((c) => [`${c.optimizer} ${JSON.stringify({ ...c.options, ...c.cycle })}`, c] as const),
  )("%s", async (_, golden) => {
    const rt = await testRuntime({ dtype });
    const { layer, weight, give } = weightOf(rt);
    let optimizer = make(golden.optimizer, golden.options, layer.parameters());
    const cycleOf = () => new OneCycleLR(optimizer, { maxLr: 0.02, totalSteps: 50, cycleMomentum: true, ...camel(golden.cycle) });
    let schedule = cycleOf();
    expect(new Set(golden.momenta).size).toBeGreaterThan(20);
    for (const [k, [gradient]] of (g.gradients as [number[]][]).entries()) {
      expect(Math.abs(inertia(optimizer) - (golden.momenta[k] as number)), `momentum ${k}`).toBeLessThan(1e-12);
      give(gradient);
      optimizer.step();
      schedule.step();
      const expected = golden.after[String(k + 1)];
      if (expected) expectClose(`step ${k + 1}`, weight.toArray(), expected[0] as number[], TOLERANCE[dtype]);
      if (k % 11 !== 7) continue;
      const [bytes, state] = [optimizer.save(), JSON.parse(JSON.stringify(schedule.state()))]; // in either order, into new ones
      optimizer.dispose();
      optimizer = make(golden.optimizer, golden.options, layer.parameters());
      schedule = cycleOf();
      if (k % 2 === 0) schedule.load(state);
      optimizer.load(bytes);
      if (k % 2 === 1) schedule.load(state);
    }
    optimizer.dispose();
    layer.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });
});

describe("cycleMomentum", () => {
  test("by default momentum stays, and such a state says nothing of it", async () => {
    const rt = await testRuntime();
    const { layer } = weightOf(rt);
    const adam = new Adam(layer.parameters(), { betas: [0.7, 0.9] });
    const schedule = new OneCycleLR(adam, { maxLr: 0.1, totalSteps: 4 });
    schedule.step();
    expect(adam.betas).toEqual([0.7, 0.9]);
    expect(adam.state()).not.toHaveProperty("momentum");
    expect(Object.keys(schedule.state())).not.toContain("momentum");
    rt.dispose();
  });

  test("refusals; nothing changes", async () => {
    const rt = await testRuntime();
    const { layer } = weightOf(rt);
    const p = layer.parameters();
    const plan = { maxLr: 0.1, totalSteps: 4, cycleMomentum: true };
    for (const optimizer of [new SGD(p, { lr: 1 }), new Adagrad(p), new RMSprop(p), { lr: 1 }]) {
      const { lr } = optimizer;
      expectRefusal(
        () => new OneCycleLR(optimizer, plan),
        ArgumentError,
        "optimizer: expected Adam or AdamW, or SGD or RMSprop with momentum",
      );
      expect([optimizer.lr, (optimizer as SGD).initialLr]).toEqual([lr, undefined]);
    }
    const adam = new Adam(p);
    expectRefusal(
      () => new OneCycleLR(adam, { ...plan, cycleMomentum: 1 as never }),
      ArgumentError,
      "cycleMomentum: expected true or false",
    );
    expectRefusal(
      () => new OneCycleLR(adam, { ...plan, baseMomentum: 1 }),
      ArgumentError,
      "baseMomentum: expected a number in [0, 1), got 1",
    );
    expectRefusal(() => new OneCycleLR(adam, { ...plan, maxMomentum: -0.1 }), ArgumentError, "maxMomentum");
    expectRefusal(
      () => new OneCycleLR(adam, { maxLr: 1, totalSteps: 4, baseMomentum: 0.5 }),
      ArgumentError,
      "cycleMomentum: expected true for",
    );
    expect([adam.lr, adam.betas]).toEqual([1e-3, [0.9, 0.999]]);
    const schedule = new OneCycleLR(adam, plan);
    expect(adam.betas[0]).toBe(0.95);
    const before = schedule.state();
    const other = new OneCycleLR(new Adam(p), { ...plan, maxMomentum: 0.9 });
    for (const state of [{ ...before, momentum: 1 }, { ...before, momentum: undefined }, other.state(), { ...before, maxMomentum: 0.9 }])
      expectRefusal(() => schedule.load(state as never), ArgumentError, "omentum");
    expectRefusal(() => new OneCycleLR(new Adam(p), { maxLr: 0.1, totalSteps: 4 }).load(before), ArgumentError, "state: expected");
    expect([schedule.state(), adam.betas[0]]).toEqual([before, 0.95]);
    expectRefusal(() => adam.load({ ...adam.state(), momentum: 1 }), ArgumentError, "state.momentum: expected a number in [0, 1), got 1");
    const plain = new SGD(p, { lr: 1 });
    expectRefusal(() => plain.load({ ...plain.state(), momentum: 0.5 }), ArgumentError, "state.momentum: expected none");
    rt.dispose();
  });

  test("in a SequentialLR it turns when its turn has come", async () => {
    const rt = await testRuntime();
    const { layer } = weightOf(rt);
    const [one, two] = [0, 1].map(() => new Adam(layer.parameters(), { lr: 0.1 })) as [Adam, Adam];
    const made = (adam: Adam) =>
      new SequentialLR(
        adam,
        [new LinearLR(adam, { totalIters: 3 }), new OneCycleLR(adam, { maxLr: 0.2, totalSteps: 10, cycleMomentum: true })],
        {
          milestones: [3],
        },
      );
    const schedule = made(one);
    const alone = new Adam(layer.parameters());
    const cycle = new OneCycleLR(alone, { maxLr: 0.2, totalSteps: 10, cycleMomentum: true });
    for (let k = 1; k <= 9; k++) {
      schedule.step();
      if (k > 3) cycle.step();
      expect(one.betas[0], `step ${k}`).toBe(alone.betas[0]);
      if (k !== 5) continue;
      made(two).load(JSON.parse(JSON.stringify(schedule.state())));
      expect([two.lr, two.betas]).toEqual([one.lr, one.betas]);
    }
    expect(one.betas[0]).toBeGreaterThan(0.85);
    rt.dispose();
  });

  test("a run under it goes on to the same bits from a checkpoint at every step", async () => {
    const rt = await testRuntime({ seed: 3 });
    const making = { schedule: (o: HasRate) => new OneCycleLR(o, { maxLr: 0.05, totalSteps: 33, cycleMomentum: true }) };
    const checkpoints: Uint8Array[] = [];
    const run = async (resume: Uint8Array | false) => {
      const parts = partsOf(rt, making);
      const checkpoint = { every: 1, save: (bytes: Uint8Array) => void (resume || checkpoints.push(bytes.slice())) };
      await fit(parts.model, { ...runOf(parts), scheduleEvery: "step", earlyStopping: undefined as never, checkpoint, resume });
      const state = [stateOf(parts), parts.optimizer.betas];
      parts.dispose();
      return state;
    };
    const whole = await run(false);
    expect(checkpoints.length).toBeGreaterThan(30);
    for (const at of [2, 9, 17]) expect(await run(checkpoints[at] as Uint8Array)).toEqual(whole);
    rt.dispose();
  });
});

test.each(g.cases.filter(({ options }) => options.amsgrad))("the naive twin's AMSGrad agrees with PyTorch: $optimizer $options", ({
  optimizer,
  options,
  after,
}) => {
  const params = g.initial.map((p) => Float64Array.from(p));
  const state = adamState(params);
  const { lr = 1e-3, betas, eps, weight_decay } = options as { lr?: number; betas?: [number, number]; eps?: number; weight_decay?: number };
  const decoupled = optimizer === "AdamW";
  for (const [k, gradients] of g.gradients.entries()) {
    const weightDecay = weight_decay ?? (decoupled ? 0.01 : 0);
    adamStep(params, gradients, state, { lr, ...(betas && { betas }), ...(eps && { eps }), weightDecay, decoupled, amsgrad: true });
    for (const [i, expected] of (after[String(k + 1)] ?? []).entries())
      expectClose(`step ${k + 1}`, params[i] as Float64Array, expected, 1e-10);
  }
});

describe("a state as bytes", () => {
  test.each(g.cases.map((c) => [`${c.optimizer} ${JSON.stringify(c.options)}`, c] as const))("goes on to the same bits: %s", async (_, {
    optimizer: kind,
    options,
  }) => {
    const rt = await testRuntime();
    const [whole, second] = [weightOf(rt), weightOf(rt)];
    const optimizer = make(kind, options, whole.layer.parameters());
    const resumed = make(kind, { ...options, lr: 0.9 }, second.layer.parameters());
    for (const [k, [gradient]] of (g.gradients.slice(0, 12) as [number[]][]).entries()) {
      whole.give(gradient);
      optimizer.step();
      if (k === 7) {
        second.weight.set(whole.weight.toArray());
        const bytes = optimizer.save();
        expect(Object.values(loadSafetensors(bytes).tensors).every(({ shape }) => String(shape) === "4,3")).toBe(true);
        expect(optimizer.save()).toEqual(bytes);
        resumed.load(bytes);
        expect(resumed.save()).toEqual(bytes);
      } else if (k > 7) {
        second.give(gradient);
        resumed.step();
      }
    }
    expect(second.weight.toArray()).toEqual(whole.weight.toArray());
    expect(resumed.state()).toEqual(optimizer.state());
    rt.dispose();
  });

  test("frozen meanwhile: the steps of each are kept", async () => {
    const rt = await testRuntime();
    const [a, b] = [weightOf(rt), weightOf(rt)];
    const parameters = [...a.layer.parameters(), ...b.layer.parameters()];
    const adam = new Adam(parameters);
    adam.step();
    b.layer.freeze();
    adam.step();
    const other = new Adam(parameters);
    other.load(adam.save());
    expect(other.state()).toEqual(adam.state());
    expect(other.state().steps).toEqual([2, 1]);
    rt.dispose();
  });

  test("of something else, hostile or damaged: refused, and nothing has changed", async () => {
    const rt = await testRuntime();
    const { layer, give } = weightOf(rt);
    const adam = new Adam(layer.parameters(), { lr: 0.1 });
    give(g.gradients[0]?.[0] as number[]);
    adam.step();
    const bytes = adam.save();
    const { tensors, metadata } = loadSafetensors(bytes);
    const saved = JSON.parse(metadata["wasm-rnn.optimizer"] as string);
    const file = (state: unknown, arrays: object = tensors) =>
      saveSafetensors(arrays as never, { "wasm-rnn.optimizer": typeof state === "string" ? state : JSON.stringify(state) });
    const with0 = (bad: number) => ({ ...tensors, "v.0": { shape: [4, 3], data: new Float32Array(12).fill(bad) } });
    const before = adam.state();
    const held = rt.bytesInUse;
    const files: [Uint8Array, typeof FormatError | typeof ShapeError | typeof DTypeError, string][] = [
      [new Uint8Array(0), FormatError, "at least 8 bytes"],
      [bytes.slice(0, -1), FormatError, "safetensors"],
      [layer.parameters()[0] ? saveSafetensors({ w: layer.parameters()[0] as Parameter }) : bytes, FormatError, "a file of something else"],
      [file("{"), FormatError, "text that does not parse"],
      [file("[]"), FormatError, "expected a state in JSON"],
      [file("null"), FormatError, "expected a state in JSON"],
      [file({}), FormatError, "state.kind"],
      [file({ ...saved, kind: "SGD" }), FormatError, 'state.kind: expected "Adam", got "SGD"'],
      [file({ ...saved, lr: -1 }), FormatError, "state.lr"],
      [file('{"kind":"Adam","lr":1e999,"step":1}'), FormatError, "state.lr"],
      [file({ ...saved, step: 0.5 }), FormatError, "state.step"],
      [file({ ...saved, steps: [1, 1] }), FormatError, "state.steps"],
      [file({ ...saved, momentum: 2 }), FormatError, "state.momentum"],
      [file({ ...saved, tensors: { "m.0": [1] } }, {}), FormatError, "state.tensors.m.0"],
      [file(saved, { "m.0": tensors["m.0"] }), FormatError, "state.tensors.v.0"],
      [file(saved, { ...tensors, "m.1": tensors["m.0"] }), FormatError, 'got "m.1"'],
      [file(saved, { ...tensors, __proto__x: tensors["m.0"] }), FormatError, "__proto__x"],
      [file(saved, with0(-1)), FormatError, "state.tensors.v.0[0]"],
      [file(saved, with0(Number.NaN)), FormatError, "state.tensors.v.0[0]"],
      [
        file(saved, { ...tensors, "m.0": { shape: [3, 4], data: new Float32Array(12) } }),
        ShapeError,
        "state.tensors.m.0: expected [4, 3], got [3, 4]",
      ],
      [file(saved, { ...tensors, "m.0": { shape: [4, 3], data: new Float64Array(12) } }), DTypeError, "state.tensors.m.0"],
      [file(saved, { ...tensors, "m.0": { shape: [4, 3], data: new Int32Array(12) } }), DTypeError, "state.tensors.m.0"],
    ];
    for (const [given, type, text] of files) expectRefusal(() => adam.load(given), type as never, text);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] as number) ^ 0x80;
      try {
        adam.load(flipped);
        adam.load(before);
      } catch (error) {
        expect([FormatError, ShapeError, DTypeError]).toContain((error as Error).constructor);
      }
    }
    expect(adam.state()).toEqual(before);
    expect(rt.bytesInUse).toBe(held);
    adam.load(bytes);
    expect(adam.state()).toEqual(before);
    adam.dispose();
    expect(() => adam.save()).toThrow("disposed");
    expect(() => adam.load(bytes)).toThrow("disposed");
    layer.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });
});
