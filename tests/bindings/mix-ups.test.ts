/** Who takes one thing for another is told so. */
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  FormatError,
  fit,
  MSELoss,
  ReduceLROnPlateau,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
  ShapeError,
} from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  rt.dispose();
});

const dense = () => new Dense(rt, { inputSize: 1, outputSize: 1 });
const data: Sample[] = [{ x: [1], y: [2] }];

async function caught(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error");
}

test("a plateau by steps is refused before a step is taken", async () => {
  const model = new Sequential(rt, [dense()]);
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const before = model.save();
  const options = { data, loss: new MSELoss(rt), optimizer, schedule: new ReduceLROnPlateau(optimizer), scheduleEvery: "step" as const };
  const error = await caught(() => fit(model, options));
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error.message).toBe('scheduleEvery: expected "epoch", as ReduceLROnPlateau goes by the loss of an epoch, got "step"');
  expect(model.save()).toEqual(before);
});

test("weights of another model: what is missing is named beside what is there", async () => {
  const [body, other] = [new Sequential(rt, { body: dense() }), new Sequential(rt, { head: dense() })];
  const error = await caught(() => body.load(other.save()));
  expect(error).toBeInstanceOf(FormatError);
  expect(error.message).toBe("weights: expected body.weight, body.bias, got head.weight and no body.weight");
});

test("weights in the place of a checkpoint", async () => {
  const model = new Sequential(rt, [dense()]);
  const options = { data, loss: new MSELoss(rt), optimizer: new SGD(model.parameters(), { lr: 0.1 }), resume: model.save() };
  const error = await caught(() => fit(model, options));
  expect(error).toBeInstanceOf(FormatError);
  expect(error.message).toMatch(/^checkpoint: expected the format "wasm-rnn checkpoint \d", got none, as of a file of weights alone$/);
});

test("rows in the place of flat data", async () => {
  const error = await caught(() => rt.tensor([[1, 2]] as never, [1, 2]));
  expect(error).toBeInstanceOf(ShapeError);
  expect(error.message).toBe("data: expected 2 elements, got 1 arrays (data is flat)");
});
