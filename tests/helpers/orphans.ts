/** What becomes of objects that nobody disposes of; run with --expose-gc. Prints one line of JSON. */
import { setTimeout as sleep } from "node:timers/promises";
import { Adam, CrossEntropyLoss, createRuntime, Dense, Frame, fit, LastStep, LSTM, type Runtime, Sequential } from "wasm-rnn";

/** Collects, and lets the host tell. */
async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await sleep(5);
  }
}

/** Writes over whatever was freed. */
function scribble(rt: Runtime): void {
  for (const size of [16, 64, 256, 1024]) {
    const tensors = Array.from({ length: 40 }, () => rt.zeros([size]));
    for (const tensor of tensors) tensor.data.fill(7);
    for (const tensor of tensors) tensor.dispose();
  }
}

const make = (rt: Runtime) => new LSTM(rt, { inputSize: 3, hiddenSize: 8 });
const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
/** Of a thing made in a frame of its own: what is not returned can be collected. */
type Scene = (rt: Runtime) => undefined | (() => unknown);

const scenes: Record<string, Scene> = {
  tensors: (rt) => {
    for (let i = 0; i < 1000; i++) rt.zeros([10]);
    return undefined;
  },
  disposed: (rt) => {
    for (let i = 0; i < 100; i++) rt.zeros([10]).dispose();
    const layer = make(rt);
    const stream = layer.stream({ batch: 2 });
    const model = new Sequential(rt, [new Dense(rt, { inputSize: 3, outputSize: 2 })]);
    const input = rt.tensor(x, [2, 2, 3]);
    layer.backward(layer.forward(input).output);
    for (const thing of [layer, stream, model, input]) thing.dispose();
    return undefined;
  },
  "layers, their results and gradients": (rt) => {
    for (let i = 0; i < 10; i++) {
      const layer = make(rt);
      layer.backward(layer.forward(rt.tensor(x, [2, 2, 3])).output);
    }
    return undefined;
  },
  "frames, their recordings and gradients": (rt) => {
    for (let i = 0; i < 10; i++) {
      const [layer, frame, input] = [make(rt), new Frame(rt), rt.tensor(x, [2, 2, 3])];
      const output = frame.record(() => layer.forward(input).output);
      frame.backward(output, { gradient: output.clone(), inputs: [input] });
      frame.gradient(input);
    }
    return undefined;
  },
  "refused constructions": (rt) => {
    for (let i = 0; i < 10; i++) {
      try {
        new CrossEntropyLoss(rt, { ignoreIndex: 0.5 });
      } catch {}
    }
    return undefined;
  },
  streams: (rt) => {
    const layer = make(rt);
    for (let i = 0; i < 10; i++) layer.stream({ batch: 3 }).step();
    return () => layer.disposed;
  },
  "streams of a model": (rt) => {
    const model = new Sequential(rt, [make(rt), new Dense(rt, { inputSize: 8, outputSize: 2 })]);
    for (let i = 0; i < 10; i++) model.stream({ batch: 3 }).step();
    return () => model.disposed;
  },
  "a stream keeps its layer": (rt) => {
    const stream = make(rt).stream();
    const step = () => {
      stream.reset();
      stream.input.set([1, 2, 3]);
      stream.step();
      return [...stream.output];
    };
    const before = step();
    return () => same(before, step());
  },
  "a result keeps its layer": (rt) => {
    const { output } = make(rt).forward(rt.tensor(x, [2, 2, 3]));
    const before = [...output.toArray()];
    return () => same(before, output.toArray());
  },
  "a result keeps its frame, and a recording what its backward reads": (rt) => {
    const frame = new Frame(rt);
    const record = () => frame.record(() => make(rt).forward(rt.tensor(x, [2, 2, 3])).output);
    const output = record();
    const before = [...output.toArray()];
    return () => {
      const kept = same(before, output.toArray());
      frame.backward(output, { gradient: rt.tensor(Array(32).fill(0.5), [2, 2, 8]) });
      return kept;
    };
  },
  "a gradient of a frame keeps it": (rt) => {
    const frame = new Frame(rt);
    const input = rt.tensor(x, [2, 2, 3]);
    const output = frame.record(() => make(rt).forward(input).output);
    frame.backward(output, { gradient: output.clone(), inputs: [input] });
    const gradient = frame.gradient(input);
    const before = [...gradient.toArray()];
    return () => same(before, gradient.toArray());
  },
  "a gradient keeps its layer": (rt) => {
    const layer = make(rt);
    const { output } = layer.forward(rt.tensor(x, [2, 2, 3]));
    const { dX } = layer.backward(output);
    const before = [...dX.toArray()];
    return () => same(before, dX.toArray());
  },
  "a parameter keeps the layer's values": (rt) => {
    const [parameter] = make(rt).parameters();
    const before = [...(parameter?.toArray() ?? [])];
    return () => same(before, parameter?.toArray() ?? []);
  },
  "an optimizer keeps the layer's parameters": (rt) => {
    const layer = make(rt);
    layer.backward(layer.forward(rt.tensor(x, [2, 2, 3])).output);
    const adam = new Adam(layer.parameters());
    const before = adam.parameters.map((parameter) => [...parameter.toArray()]);
    return () => {
      const kept = adam.parameters.every((parameter, i) => same(before[i] as number[], parameter.toArray()));
      adam.step();
      return kept && !same(before[0] as number[], adam.parameters[0]?.toArray() as Float32Array);
    };
  },
  "a forward keeps what its backward reads": (rt) => {
    const layer = make(rt);
    const forward = () => void layer.forward(rt.tensor(x, [2, 2, 3]));
    const backward = () => [...layer.backward(rt.tensor(Array(32).fill(0.5), [2, 2, 8])).dX.toArray()];
    forward();
    const expected = backward();
    forward();
    return () => same(expected, backward());
  },
  "views keep their owners": (rt) => {
    rt.zeros([1e5]).dispose(); // growing would detach them
    const stream = make(rt).stream();
    stream.input.set([1, 2, 3]);
    stream.step();
    const views = [stream.input, stream.output, rt.tensor(x, [12]).data, make(rt).forward(rt.tensor(x, [2, 2, 3])).output.data];
    const before = views.map((view) => [...view]);
    return () => views.every((view, i) => same(before[i] as number[], view));
  },
};

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));
}

const results: Record<string, { kept: unknown; leaked: number; bytes: number; end: number; endBytes: number }> = {};
for (const [name, scene] of Object.entries(scenes)) {
  const rt = await createRuntime();
  let check = scene(rt);
  await collect();
  scribble(rt);
  await collect();
  const [leaked, bytes] = [rt.leaked, rt.bytesInUse];
  const kept = check?.();
  check = undefined;
  await collect();
  results[name] = { kept, leaked, bytes, end: rt.leaked, endBytes: rt.bytesInUse };
  rt.dispose();
}

const rt = await createRuntime();
await (async () => {
  const model = new Sequential(rt, [make(rt), new LastStep(rt), new Dense(rt, { inputSize: 8, outputSize: 2 })]);
  const loss = new CrossEntropyLoss(rt);
  const optimizer = new Adam(model.parameters());
  const data = Array.from({ length: 40 }, (_, i) => ({ x: Array.from({ length: 2 + (i % 3) }, () => [i, 1, 2]), y: i % 2 }));
  await fit(model, { data, validation: data, loss, optimizer, epochs: 3, batchSize: 8 });
  for (const thing of [model, loss, optimizer]) thing.dispose();
})();
await collect();
results["a run of fit"] = { kept: undefined, leaked: rt.leaked, bytes: rt.bytesInUse, end: rt.leaked, endBytes: rt.bytesInUse };
console.log(JSON.stringify(results));
