/** Models made again from their files. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  Dropout,
  Embedding,
  FormatError,
  fit,
  GRU,
  LastStep,
  LayerNorm,
  LSTM,
  loadModel,
  loadSafetensors,
  loadScaler,
  MaxPool,
  MeanPool,
  type MemoryError,
  Model,
  MSELoss,
  ParameterTensor,
  RNN,
  type Runtime,
  Sequential,
  SGD,
  ShapeError,
  Softmax,
  Standardizer,
  saveSafetensors,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await testRuntime({ seed: 5 });
});
afterEach(() => expect(rt.bytesInUse).toBe(0));
afterAll(() => rt.dispose());

interface TaggerOptions {
  hiddenSize: number;
  labels: string[];
}

class Tagger extends Model<{ lstm: LSTM; scale: ParameterTensor; head: Sequential }> {
  constructor(rt: Runtime, options: TaggerOptions) {
    const { hiddenSize, labels } = options;
    const head = new Sequential(rt, [new Dropout(rt), new Dense(rt, { inputSize: hiddenSize, outputSize: labels.length })]);
    super(rt, { lstm: new LSTM(rt, { inputSize: 2, hiddenSize }), scale: new ParameterTensor(rt, [labels.length]), head }, options);
  }

  override forward(x: Tensor, { lengths }: { lengths?: ArrayLike<number> } = {}): Tensor {
    return this.layers.head.forward(this.layers.lstm.forward(x, { lengths }).output);
  }
}

/** Takes no options. */
class Plain extends Model<{ dense: Dense }> {
  constructor(rt: Runtime) {
    super(rt, { dense: new Dense(rt, { inputSize: 2, outputSize: 2 }) });
  }

  override forward(x: Tensor): Tensor {
    return this.layers.dense.forward(x);
  }
}

const OPTIONS: TaggerOptions = { hiddenSize: 3, labels: ["O", "B", "I"] };
const x = () => rt.tensor([0.1, -0.2, 0.3, 0.4, -0.5, 0.6], [3, 1, 2]);

/** A model saved, and made again; both disposed of at the end. */
function again<M extends Model>(model: M, work: (saved: M, loaded: M, bytes: Uint8Array) => void, classes = {}): void {
  using saved = model;
  const bytes = saved.save({ note: "mine" });
  using loaded = loadModel<M>(rt, bytes, { classes });
  work(saved, loaded, bytes);
}

const LAYERS: Record<string, () => Sequential> = {
  recurrent: () =>
    new Sequential(rt, {
      rnn: new RNN(rt, { inputSize: 2, hiddenSize: 3, nonlinearity: "relu", numLayers: 2, dropout: 0.25 }),
      lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 2, bidirectional: true, bias: false }),
      gru: new GRU(rt, { inputSize: 4, hiddenSize: 3, resetAfter: false }),
      last: new LastStep(rt),
    }),
  "batch-first": () => new Sequential(rt, [new GRU(rt, { inputSize: 2, hiddenSize: 3, batchFirst: true }), new MeanPool(rt)]),
  heads: () =>
    new Sequential(rt, {
      norm: new LayerNorm(rt, { normalizedShape: 2, eps: 1e-3, bias: false }),
      plain: new LayerNorm(rt, { normalizedShape: 2, elementwiseAffine: false }),
      dropout: new Dropout(rt, { p: 0.3 }),
      dense: new Dense(rt, { inputSize: 2, outputSize: 4, bias: false }),
      softmax: new Softmax(rt),
      pool: new MaxPool(rt),
    }),
  doubles: () => new Sequential(rt, [new Dense(rt, { inputSize: 2, outputSize: 2, dtype: "f64" })]),
  bf16: () => new Sequential(rt, [new LSTM(rt, { inputSize: 2, hiddenSize: 3, weights: "bf16" })]),
  "inside of another": () =>
    new Sequential(rt, [new Sequential(rt, { a: new Sequential(rt, [new Dense(rt, { inputSize: 2, outputSize: 2 })]) })]),
};

test.each(Object.keys(LAYERS))("a Sequential is what it was: %s", (name) => {
  again((LAYERS[name] as () => Sequential)(), (saved, loaded, bytes) => {
    expect(loaded).toBeInstanceOf(Sequential);
    expect(loaded.summary()).toBe(saved.summary());
    expect(Object.keys(loaded.layers)).toEqual(Object.keys(saved.layers));
    expect(loaded.namedLayers().map(([, layer]) => layer.training)).not.toContain(true);
    expect(loaded.save({ note: "mine" })).toEqual(bytes);
    using input = name === "doubles" ? rt.tensor([1, 2], [1, 2], { dtype: "f64" }) : x();
    expect(loaded.forward(input).toArray()).toEqual(saved.eval().forward(input).toArray());
  });
});

test("an embedding keeps its padding; a file of another runtime goes on here", async () => {
  const other = await testRuntime();
  const first = new Sequential(other, { words: new Embedding(other, { numEmbeddings: 5, embeddingDim: 2, paddingIdx: -1 }) });
  const loaded = loadModel<typeof first>(rt, first.save());
  expect((loaded.layers.words as Embedding).paddingIdx).toBe(4);
  loaded.dispose();
  other.dispose();
});

test("layers of a file draw nothing; what a class of one's own keeps beside them is drawn as ever", () => {
  const plain = new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 3 }) });
  const before = rt.generator.state;
  using same = loadModel<Sequential>(rt, plain.save());
  expect(rt.generator.state).toEqual(before);
  expect(same.save()).toEqual(plain.save());
  plain.dispose();

  const beside: LSTM[] = [];
  class Echo extends Model<{ head: Dense }> {
    constructor(rt: Runtime) {
      super(rt, { head: new Dense(rt, { inputSize: 3, outputSize: 1 }) });
      beside.push(new LSTM(rt, { inputSize: 2, hiddenSize: 3 })); // random features, which no file has
    }

    override forward(x: Tensor): Tensor {
      return this.layers.head.forward(x);
    }
  }
  const echo = new Echo(rt);
  using loaded = loadModel(rt, echo.save(), { classes: { Echo } });
  expect(loaded).toBeInstanceOf(Echo);
  for (const lstm of beside)
    expect(
      lstm
        .parameters()[0]
        ?.toArray()
        .every((weight) => weight !== 0),
    ).toBe(true);
  for (const owner of [echo, ...beside]) owner.dispose();
});

describe("classes of one's own", () => {
  test("are made with the options that they were made with", () => {
    again(
      new Tagger(rt, OPTIONS),
      (saved, loaded, bytes) => {
        expect(loaded).toBeInstanceOf(Tagger);
        using input = x();
        expect(loaded.forward(input).toArray()).toEqual(saved.eval().forward(input).toArray());
        expect(loaded.layers.scale.parameter.toArray()).toEqual(saved.layers.scale.parameter.toArray());
        expect(loadSafetensors(bytes).metadata.note).toBe("mine");
      },
      { Tagger },
    );
  });

  test("stand inside of a Sequential, and need no options", () => {
    const model = new Sequential(rt, { first: new Plain(rt), second: new Tagger(rt, OPTIONS) });
    again(model, (_, loaded) => expect(Object.values(loaded.layers).map((part) => part.constructor)).toEqual([Plain, Tagger]), {
      Plain,
      Tagger,
    });
  });

  test("go by a name of their own where their own is lost", () => {
    const a = class extends Plain {
      static override readonly name: string = "Reader";
    };
    again(new a(rt), (_, loaded) => expect(loaded).toBeInstanceOf(a), { Reader: a });
  });

  test("keep a copy of their options", () => {
    const labels = ["O", "B", "I"];
    using model = new Tagger(rt, { hiddenSize: 3, labels });
    labels.push("later");
    using loaded = loadModel<Tagger>(rt, model.save(), { classes: { Tagger } });
    expect(loaded.layers.scale.shape).toEqual([3]);
  });

  test.each<[string, unknown]>([
    ["a function", { act: Math.tanh }],
    ["a number without end", { rate: Number.NaN }],
    ["a typed array", { mean: Float32Array.of(1) }],
    ["a Map", new Map()],
    ["a BigInt", 3n],
    ["a symbol", Symbol("x")],
  ])("whose options JSON would change are refused where they are made: %s", (_, options) => {
    class Odd extends Model {
      constructor(layers: Record<string, Dense>) {
        super(rt, layers, options);
      }

      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    using dense = new Dense(rt, { inputSize: 1, outputSize: 1 });
    expectRefusal(() => new Odd({ dense }), ArgumentError, "options", "expected what JSON keeps");
  });

  test("in a circle, or deeper than anyone means", () => {
    using dense = new Dense(rt, { inputSize: 1, outputSize: 1 });
    const circle: { self?: unknown } = {};
    circle.self = circle;
    class Round extends Model {
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    expectRefusal(
      () => new (Round as never as new (...given: unknown[]) => Model)(rt, { dense }, circle),
      ArgumentError,
      "at most 64 values in one another",
    );
  });
});

describe("what is refused leaves nothing behind", () => {
  const saved = () => {
    using model = new Sequential(rt, {
      lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 3 }),
      head: new Dense(rt, { inputSize: 3, outputSize: 1 }),
    });
    return model.save();
  };
  /** The file with what it says of its model changed. */
  const saying = (
    change: (config: { layers: [string, { type: string; options: Record<string, unknown> }][] } & Record<string, unknown>) => unknown,
  ) => {
    const { tensors, metadata } = loadSafetensors(saved());
    const config = JSON.parse(metadata["wasm-rnn.model"] as string);
    const changed = change(config) ?? config;
    const { "wasm-rnn.model": _, "wasm-rnn.layers": layers = "", ...others } = metadata;
    return saveSafetensors(tensors, {
      ...others,
      "wasm-rnn.layers": layers,
      "wasm-rnn.model": typeof changed === "string" ? changed : JSON.stringify(changed),
    });
  };
  const lstm = (options: object) =>
    saying((config) => {
      Object.assign(config.layers[0]?.[1].options as object, options);
    });

  test.each<[string, () => Uint8Array, string]>([
    ["weights alone", () => saveSafetensors(loadSafetensors(saved()).tensors), "got weights alone"],
    ["another version", () => saying((config) => ({ ...config, version: 2 })), "expected version 1 of wasm-rnn.model, got 2"],
    ["no version", () => saying(({ version: _, ...config }) => config), "got undefined"],
    ["no JSON", () => saying(() => "{"), "text that does not parse"],
    ["no object", () => saying(() => [1]), "expected { type, … } for the model"],
    ["no type", () => saying((config) => ({ ...config, type: 3 })), "expected the type of the model, got 3"],
    ["parts without names", () => saying((config) => ({ ...config, layers: [{}] })), "the parts of the model"],
    ["one layer alone", () => saying(({ layers, version }) => ({ version, ...layers[1]?.[1] })), 'expected a model, got the layer "Dense"'],
    [
      "an unknown layer",
      () => saying((config) => void Object.assign(config.layers[0]?.[1] as object, { type: "QRNN" })),
      'LSTM, GRU, Dense, Embedding, Dropout, LayerNorm, Softmax, LastStep, MeanPool, MaxPool, or one of { classes }, for lstm, got "QRNN"',
    ],
    [
      "a name of every object's",
      () => saying((config) => void Object.assign(config.layers[0]?.[1] as object, { type: "constructor" })),
      'for lstm, got "constructor"',
    ],
    ["another cell form", () => lstm({ peepholes: true }), "model: lstm: options: expected only"],
    ["a size that is none", () => lstm({ hiddenSize: -1 }), "model: lstm: hiddenSize: expected a positive integer, got -1"],
    ["two parts by one name", () => saying((config) => void (config.layers as unknown[]).push(config.layers[0])), "got two by one"],
    [
      "models in one another without end",
      () => saying(() => `${'{"version":1,"type":"Sequential","layers":[["a",'.repeat(100)}{"type":"Softmax"}${"]]}".repeat(100)}`),
      "at most 64 models in one another",
    ],
    [
      "another kind of cell",
      () => saying((config) => void Object.assign(config.layers[0]?.[1] as object, { type: "GRU" })),
      "lstm: expected weights for type",
    ],
  ])("%s", (_, file, text) => {
    expectRefusal(() => loadModel(rt, file()), FormatError, text);
    expect(rt.bytesInUse).toBe(0);
  });

  test("another size than the weights'", () => {
    expectRefusal(() => loadModel(rt, lstm({ hiddenSize: 4 })), ShapeError, "lstm.weight_ih_l0: expected [16, 2], got [12, 2]");
  });

  test("more than there is memory for", () => {
    let error: MemoryError | undefined;
    try {
      loadModel(rt, lstm({ hiddenSize: 2 ** 20 }));
    } catch (caught) {
      error = caught as MemoryError;
    }
    expect(error?.name).toBe("MemoryError");
  });

  test("a checkpoint, which `resume` takes", async () => {
    using model = new Plain(rt);
    using loss = new MSELoss(rt);
    using optimizer = new SGD(model.parameters(), { lr: 0.1 });
    let kept = new Uint8Array();
    const save = (bytes: Uint8Array<ArrayBuffer>) => {
      kept = bytes;
    };
    await fit(model, { data: [{ x: [[1, 2]], y: [1, 2] }], loss, optimizer, checkpoint: { save } });
    const text = "weights: expected what save() writes, got a checkpoint of fit (its option resume goes on from it)";
    expectRefusal(() => model.load(kept), FormatError, text);
    const before = rt.bytesInUse;
    expectRefusal(() => loadModel(rt, kept), FormatError, text);
    expect(rt.bytesInUse).toBe(before);
  });

  test("a file that is cut off, and no file at all", () => {
    expectRefusal(() => loadModel(rt, saved().subarray(0, 200)), FormatError, "safetensors");
    expectRefusal(() => loadModel(rt, "model.safetensors" as never), ArgumentError, "bytes");
    expectRefusal(() => loadModel({} as never, saved()), ArgumentError, "runtime: expected a Runtime");
    expectRefusal(() => loadModel(rt, saved(), { clases: {} } as never), ArgumentError, "options: expected only classes, got clases");
    expectRefusal(() => loadModel(rt, saved(), { classes: [Plain] } as never), ArgumentError, "classes: expected classes by name");
  });

  test("classes that are missing, none, or others by now", () => {
    using model = new Tagger(rt, OPTIONS);
    const bytes = model.save();
    const before = rt.bytesInUse;
    const refuse = (classes: object, type: typeof ArgumentError | typeof FormatError, text: string) => {
      expectRefusal(() => loadModel(rt, bytes, { classes: classes as never }), type, text);
      expect(rt.bytesInUse).toBe(before);
    };
    refuse({}, ArgumentError, "classes: expected Tagger, which the model is of, got []");
    refuse({ Plain }, ArgumentError, 'got ["Plain"]');
    refuse({ Tagger: 3 }, ArgumentError, "classes.Tagger: expected a class that extends Model, got 3");
    refuse({ Tagger: Map }, ArgumentError, "classes.Tagger: expected a class that extends Model");
    refuse({ Tagger: Plain }, FormatError, "expected the model as Tagger makes it, Plain, got Tagger");
    class Other extends Tagger {
      constructor(rt: Runtime, options: TaggerOptions) {
        super(rt, { ...options, hiddenSize: 4 });
      }
    }
    Object.defineProperty(Other, "name", { value: "Tagger" });
    refuse({ Tagger: Other }, FormatError, "expected the model as Tagger makes it");
    const failing = class extends Tagger {
      constructor(rt: Runtime) {
        super(rt, { ...OPTIONS });
        this.dispose();
        throw new RangeError("mine");
      }
    };
    expect(() => loadModel(rt, bytes, { classes: { Tagger: failing } })).toThrow(/^mine$/);
    expect(rt.bytesInUse).toBe(before);
  });
});

test("load, loadScaler and checkpoints take no notice", () => {
  using model = new Plain(rt);
  const scaler = new Standardizer().fit([1, 2, 3]);
  const bytes = model.save({ scaler });
  model.load(bytes);
  expect(loadScaler(bytes, "scaler").toJSON()).toEqual(scaler.toJSON());
  expectRefusal(() => model.save({ "wasm-rnn.model": "x" }), ArgumentError, "metadata: expected another name");
});
