/** What a model keeps beside its parameters lives on in checkpoints; a function of samples hears the epoch. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  Dense,
  DTypeError,
  Embedding,
  evaluate,
  FormatError,
  fit,
  Generator,
  GRU,
  Model,
  type Runtime,
  type Sample,
  ShapeError,
  type Tensor,
} from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** Reads on where the last batch ended. */
class Carrying extends Model<{ embedding: Embedding; gru: GRU; head: Dense }> {
  readonly state: Tensor;
  readonly buffers: [string, Tensor][];

  constructor(shape = [1, 4, 5], dtype: "f32" | "f64" = "f32") {
    const generator = new Generator(9);
    super(rt, {
      embedding: new Embedding(rt, { numEmbeddings: 6, embeddingDim: 3, generator }),
      gru: new GRU(rt, { inputSize: 3, hiddenSize: 5, generator }),
      head: new Dense(rt, { inputSize: 5, outputSize: 6, generator }),
    });
    this.state = rt.zeros(shape, { dtype });
    this.buffers = [["h", this.state]];
  }

  override namedBuffers(): [string, Tensor][] {
    return this.buffers;
  }

  forward(x: Tensor): Tensor {
    const { embedding, gru, head } = this.layers;
    const { output, state } = gru.forward(embedding.forward(x), { state: { h: this.state } });
    this.state.set(state.h.toArray());
    return head.forward(output);
  }

  override dispose(): void {
    super.dispose();
    this.state.dispose();
  }
}

/** Of an epoch: 8 batches of 4 sequences of 3 tokens. */
function textOf(epoch: number): Sample[] {
  const random = new Generator(100 + epoch);
  return Array.from({ length: 32 }, () => {
    const x = Int32Array.from({ length: 3 }, () => random.integer(6));
    return { x, y: x.map((token) => (token + 1) % 6) };
  });
}

async function withParts<R>(
  work: (model: Carrying, common: { loss: CrossEntropyLoss; optimizer: Adam }) => Promise<R>,
  model = new Carrying(),
) {
  const common = { loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters(), { lr: 0.02 }) };
  try {
    return await work(model, common);
  } finally {
    for (const part of [model, common.loss, common.optimizer]) part.dispose();
  }
}

function bitsOf(model: Carrying): number[] {
  return [...model.parameters().flatMap((parameter) => [...parameter.toArray()]), ...model.state.toArray()];
}

describe("a function of samples", () => {
  test("gets the epoch, from 0, for data and validation", () =>
    withParts(async (model, common) => {
      const asked: [string, number][] = [];
      const of = (name: string) => (epoch: number) => {
        asked.push([name, epoch]);
        return textOf(epoch);
      };
      await fit(model, { ...common, data: of("data"), validation: of("validation"), epochs: 3, batchSize: 4 });
      await evaluate(model, { loss: common.loss, data: of("evaluate"), batchSize: 4 });
      expect(asked).toEqual([
        ...[0, 1, 2].flatMap((epoch) => [
          ["data", epoch],
          ["validation", epoch],
        ]),
        ["evaluate", 0],
      ]);
    }));
});

describe("named buffers", () => {
  test("a run that is resumed in the middle of an epoch gets them back: the same bits", async () => {
    const run = { data: textOf, epochs: 3, batchSize: 4 };
    const whole = await withParts(async (model, common) => {
      await fit(model, { ...common, ...run });
      return bitsOf(model);
    });
    const saved: Uint8Array[] = [];
    const save = (bytes: Uint8Array) => void saved.push(bytes.slice());
    await withParts((model, common) => fit(model, { ...common, ...run, checkpoint: { every: 5, save } }));
    expect(saved.length).toBe(5);
    for (const resume of saved) {
      const resumed = await withParts(async (model, common) => {
        model.state.set(new Float32Array(20).fill(0.5));
        await fit(model, { ...common, ...run, resume });
        return bitsOf(model);
      });
      expect(resumed).toEqual(whole);
    }
  });

  test("evaluate leaves them as they were", () =>
    withParts(async (model, { loss }) => {
      model.state.set(new Float32Array(20).fill(0.25));
      const before = [...model.state.toArray()];
      const first = await evaluate(model, { data: textOf(0), loss, batchSize: 4 });
      expect([...model.state.toArray()]).toEqual(before);
      expect(await evaluate(model, { data: textOf(0), loss, batchSize: 4 })).toEqual(first);
    }));

  test("of another name, shape or element type: refused before anything changes", async () => {
    const run = { data: textOf, batchSize: 4 };
    let resume = new Uint8Array();
    const save = (bytes: Uint8Array) => {
      resume = bytes.slice();
    };
    await withParts((model, common) => fit(model, { ...common, ...run, checkpoint: { save } }));
    const others: [(model: Carrying) => void, new (...args: never[]) => Error, RegExp][] = [
      [({ buffers, state }) => void buffers.splice(0, 1, ["g", state]), FormatError, /the buffer g/],
      [({ buffers }) => void buffers.pop(), FormatError, /0 buffers, got 1/],
    ];
    const refused = async (model: Carrying, type: new (...args: never[]) => Error, message: RegExp) => {
      await withParts(async (_, common) => {
        const before = bitsOf(model);
        const error = await fit(model, { ...common, ...run, epochs: 2, resume }).catch((caught) => caught);
        expect(error).toBeInstanceOf(type);
        expect(error.message).toMatch(message);
        expect(bitsOf(model)).toEqual(before);
        expect(common.optimizer.state().step).toBe(0);
      }, model);
    };
    for (const [change, type, message] of others) {
      const model = new Carrying();
      change(model);
      await refused(model, type, message);
    }
    await refused(new Carrying([1, 5, 4]), ShapeError, /h: expected \[1, 5, 4\], got \[1, 4, 5\]/);
    await refused(new Carrying([1, 4, 5], "f64"), DTypeError, /h: expected f64, .* got f32/);
  });
});
