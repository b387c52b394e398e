/** What goes over the wire: nothing hangs, nothing kills a worker, and whatever goes wrong has an error of ours. */
import { EventEmitter } from "node:events";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import * as api from "../../bindings/index.js";
import { Connection } from "../../bindings/worker/connection.js";
import {
  ArgumentError,
  beamSearch,
  createRuntime,
  FormatError,
  fit,
  generate,
  type ModelData,
  predict,
  WorkerError,
  type WorkerFitOptions,
  type WorkerGenerateOptions,
  type WorkerModel,
  type WorkerRuntime,
} from "../../bindings/worker.js";
import { workerRuntime } from "../helpers/worker.js";

const MODULE = new URL("../helpers/worker-module.ts", import.meta.url);
const MODEL = {
  gru: ["GRU", { inputSize: 1, hiddenSize: 3 }],
  last: ["LastStep"],
  head: ["Dense", { inputSize: 3, outputSize: 1 }],
} as const;
const OPTIONS = { loss: ["MSELoss"], optimizer: ["SGD", { lr: 0.1 }], epochs: 2 } as const satisfies WorkerFitOptions;

let rt: WorkerRuntime;
let model: WorkerModel;
let own: WorkerModel;
beforeAll(async () => {
  rt = await workerRuntime({ seed: 3 });
  model = await rt.sequential(MODEL);
  own = await rt.module(MODULE, {});
});
afterAll(() => rt[Symbol.asyncDispose]());

/** What a call is refused with; a call that hangs is a test that takes too long. */
async function refused(call: Promise<unknown>): Promise<Error> {
  return call.then(
    (value) => expect.fail(`resolved: ${value}`),
    (error) => error,
  );
}

function detached<A extends Float32Array>(values: A): A {
  structuredClone(values, { transfer: [values.buffer as ArrayBuffer] });
  return values;
}

describe("arrays that were moved before", () => {
  test("to the worker: refused by their names, and nothing is moved for it", async () => {
    const bytes = await model.save();
    await model.load(bytes);
    expect(await refused(model.load(bytes))).toMatchObject({ name: "ArgumentError", argument: "bytes" });
    const data = [{ x: Float32Array.of(1), y: Float32Array.of(1) }];
    expect(await refused(fit(model, { ...OPTIONS, data, resume: bytes }))).toMatchObject({ name: "ArgumentError", argument: "resume" });
    expect(data[0]?.x.length).toBe(1);
    expect(await refused(own.call("length", 3, detached(new Float32Array(2))))).toMatchObject({ argument: "args[1]" });
    const stream = await own.stream();
    expect(await refused(stream.load([{ h: detached(new Float32Array(3)) }] as never))).toBeInstanceOf(ArgumentError);
    expect(await refused(generate(model, detached(new Float32Array(2)), { length: 1 }))).toMatchObject({ argument: "prompt" });
    stream.dispose();
  });

  test("from the worker: a method that returns an array of its own twice", async () => {
    expect(await own.call("kept")).toEqual(new Float32Array(2));
    const error = await refused(own.call("kept"));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/answer: .*moved by an earlier answer: return a copy/);
  });

  test("data and validation that are views of one buffer, or the same, move together", async () => {
    const windows = () =>
      api.windows(
        Float32Array.from({ length: 700 }, (_, i) => Math.sin(i / 5)),
        { length: 10 },
      );
    const apart = windows().map(({ x, y }) => ({ x: Array.from(x as Float32Array), y: Array.from(y as Float32Array) }));
    const losses = async (data: unknown[], validation: unknown[]) => {
      const fresh = await rt.sequential(MODEL); // its weights differ from one to the next: those of the first are taken
      await fresh.load(weights.slice());
      const options = { data, validation, loss: ["MSELoss"], optimizer: ["SGD", { lr: 0.1 }], epochs: 1, seed: 5 } as WorkerFitOptions;
      const { epochs } = await fit(fresh, options);
      fresh.dispose();
      return [epochs[0]?.loss, epochs[0]?.validation];
    };
    const weights = await model.save();
    const of = (all: typeof apart) => losses(all.slice(0, 400), all.slice(400));
    expect(await of(windows() as never)).toEqual(await of(apart));
    const twice = windows();
    expect(await losses(twice, twice)).toEqual(await losses(apart, apart));
    expect(twice[0]?.x.length).toBe(0);
  });

  test("of another realm, as an iframe's, they are moved too", async () => {
    const foreign = runInNewContext("Float32Array.of(1, 2)") as Float32Array;
    expect(await own.call("doubled", foreign)).toEqual(Float32Array.of(2, 4));
    expect(foreign.length).toBe(0);
  });
});

describe("samples", () => {
  test("one that looks like a piece of ours is refused", async () => {
    for (const forged of [{ buffer: 0, kind: "Float32Array", from: 0, length: 2 }, ["view", 0, "Float32Array", 0, 2]])
      for (const sample of [forged, { x: forged }]) {
        const error = await refused(predict(model, [Float32Array.of(1, 2), sample as never]));
        expect(error).toBeInstanceOf(ArgumentError);
      }
  });

  test("circles, and lists too deep, are refused", async () => {
    const circle: unknown[] = [];
    circle[0] = circle;
    let deep: unknown = [1];
    for (let i = 0; i < 1e5; i++) deep = [deep];
    for (const x of [circle, deep]) {
      const error = await refused(fit(model, { ...OPTIONS, data: [{ x, y: 1 } as never] }));
      expect(error).toMatchObject({ name: "ArgumentError", argument: "x of sample 0" });
    }
    const object: Record<string, unknown> = { x: [1] };
    object.y = { x: object };
    expect(await refused(fit(model, { ...OPTIONS, data: [object as never] }))).toBeInstanceOf(ArgumentError);
  });
});

describe("errors", () => {
  test.each([
    ["code", DOMException, { name: "AbortError", code: "ABORT_ERR" }],
    ["stack", Error, { message: "unclonable" }],
    ["revoked", Error, { message: "an error that cannot be read" }],
    ["circle", Error, { message: "a", cause: { message: "b", cause: { message: "a" } } }],
    ["prototype", RangeError, { message: "p" }],
  ])("%s: it comes, and the worker goes on", async (what, type, members) => {
    const error = await refused(own.call("strange", what));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(members);
    expect((error as { evil?: number }).evil).toBeUndefined();
    expect(await own.call("length", [1, 2])).toBe(2);
  });

  test.each(["function", "symbol", "parameter"])("a method that returns what cannot be sent: a %s", async (what) => {
    const error = await refused(own.call("unsendable", what));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/answer: expected what can be sent, got/);
  });

  test("modules that are not what they should be give their memory back", async () => {
    const bytes = await rt.bytesInUse;
    const wrong = async (other: string) => (await refused(rt.module(MODULE, { other }))).message;
    expect(await wrong("methods")).toBe("module: expected methods.three to be a function, got 3");
    expect(await wrong("list")).toBe("module: expected methods to be an object of functions, got []");
    expect(await rt.bytesInUse).toBe(bytes);
    const forward = await rt.module(MODULE, { other: "forward" });
    const data = [{ x: [1], y: [1] }];
    for (const call of [
      () => fit(forward, { ...OPTIONS, data }),
      () => generate(forward, [1], { length: 1 }),
      () => beamSearch(forward, [1], { length: 1 }),
      () => forward.save(),
      () => forward.summary(),
      () => forward.stream(),
      () => predict(forward, [[1]]),
    ])
      expect(await refused(call())).toBeInstanceOf(ArgumentError);
  });

  test("options that are none, signals that only look like one, descriptions without an end", async () => {
    const none = undefined as unknown as WorkerGenerateOptions;
    for (const options of [none, null as unknown as WorkerGenerateOptions]) {
      expect(await refused(generate(model, [1], options))).toMatchObject({ name: "ArgumentError", argument: "options" });
      expect(await refused(beamSearch(model, [1], options))).toMatchObject({ name: "ArgumentError", argument: "options" });
    }
    expect(await refused(model.stream(null as never))).toBeInstanceOf(ArgumentError);
    const signal = Object.create(AbortSignal.prototype) as AbortSignal;
    expect(await refused(fit(model, { ...OPTIONS, data: [], signal }))).toMatchObject({ name: "ArgumentError", argument: "signal" });
    const circle: Record<string, unknown> = {};
    circle.a = ["Sequential", circle];
    expect((await refused(rt.sequential(circle as ModelData))).message).toMatch(/at most 64 descriptions in one another/);
    const deep: Record<string, unknown> = {};
    for (let at = deep, i = 0; i < 3000; i++) {
      const inner = {};
      at.a = ["Sequential", inner];
      at = inner;
    }
    expect(await refused(rt.sequential(deep as ModelData))).toBeInstanceOf(ArgumentError);
    const schedule: unknown[] = ["SequentialLR", [], { milestones: [1] }];
    (schedule[1] as unknown[]).push(schedule);
    const options = { ...OPTIONS, data: [{ x: [1], y: [1] }], schedule } as unknown as WorkerFitOptions;
    expect(await refused(fit(model, options))).toBeInstanceOf(ArgumentError);
    const getter = {
      get bytes(): never {
        throw new RangeError("of the user's");
      },
    };
    expect(await refused(own.call("length", getter))).toMatchObject({ name: "ArgumentError", argument: "method" });
  });
});

/** A worker that answers as a test says. */
class Fake extends EventEmitter {
  readonly #answer: (message: { hello?: number; id?: number }) => unknown;

  constructor(answer: (message: { hello?: number; id?: number }) => unknown) {
    super();
    this.#answer = answer;
  }

  postMessage(message: { hello?: number; id?: number }): void {
    const reply = message.hello ? { welcome: message.hello } : this.#answer(message);
    if (reply !== undefined) setImmediate(() => this.emit("message", reply));
  }

  terminate(): void {}
}

describe("whatever a worker says, a call ends", () => {
  const endless: Record<string, unknown> = { type: "Error", name: "Error", message: "m" };
  endless.cause = endless;
  const deep: Record<string, unknown> = { type: "Error", name: "Error", message: "m" };
  for (let at = deep, i = 0; i < 20_000; i++) {
    const cause = { type: "Error", name: "Error", message: "m" };
    at.cause = cause;
    at = cause;
  }
  test.each([
    ["nothing", {}, "WorkerError"],
    ["null as an error", { error: null }, "WorkerError"],
    ["a circle of causes", { error: endless }, "Error"],
    ["20,000 causes", { error: deep }, "Error"],
    ["a member that is only read", { error: { type: "DOMException", name: "DOMException", rest: { name: "x" } } }, "DOMException"],
  ])("%s", async (_, reply, name) => {
    const worker = new Fake(({ id }) => ({ id, ...reply }));
    expect(await refused(createRuntime({ worker: () => worker }))).toMatchObject({ name });
  });

  test("a message that one side cannot read ends it", async () => {
    const worker = new Fake(() => undefined);
    const connection = await Connection.open(worker);
    const call = refused(connection.call("save", []));
    worker.emit("messageerror", new Error("unreadable"));
    expect(await call).toBeInstanceOf(WorkerError);
    const there = new Fake(() => ({ unread: true }));
    expect(await refused((await Connection.open(there)).call("save", []))).toBeInstanceOf(WorkerError);
  });

  test("an answer that is deeper than this side reads it", { timeout: 20_000 }, async () => {
    const rt = await workerRuntime();
    const deep = await rt.module(MODULE, {});
    for (let floors = 1000; floors < 1e6; floors *= 2) {
      const end = await deep.call("deep", floors).then(
        () => undefined,
        (error: Error) => error,
      );
      if (end === undefined) continue;
      expect(end).toBeInstanceOf(api.WasmRnnError);
      break;
    }
    rt.dispose();
  });
});

describe("workers that do not start", () => {
  test("a script that does not import ours: an error with the cure, in its time", async () => {
    const worker = new Worker("setInterval(() => {}, 1000)", { eval: true });
    const error = await refused(Connection.open(worker, "", 20));
    expect(error).toBeInstanceOf(WorkerError);
    expect(error.message).toBe(
      "worker: expected its script to say within 0.02 s that it listens, got nothing. It has to import wasm-rnn/worker-thread",
    );
  });

  afterEach(() => void vi.unstubAllGlobals());

  test.each([
    [
      "of another origin",
      new DOMException("cannot be accessed from origin", "SecurityError"),
      /SecurityError: .*its own origin alone.*Blob/,
    ],
    [
      "without a trusted address",
      new TypeError("This document requires 'TrustedScriptURL' assignment."),
      /TypeError: .*a policy of yours made/,
    ],
    ["without an address", new TypeError("Invalid URL"), /TypeError: Invalid URL.*The script is looked for here/],
  ])("one that the host refuses to make: %s", async (_, cause, message) => {
    class Refused {
      constructor() {
        throw cause;
      }
    }
    vi.stubGlobal("Worker", Refused);
    const error = await refused(createRuntime());
    expect(error).toBeInstanceOf(WorkerError);
    expect(error.message).toMatch(message);
    expect(error.cause).toBe(cause);
    const theirs = await refused(createRuntime({ worker: () => new Refused() as never }));
    expect(theirs).toBeInstanceOf(WorkerError);
    expect(theirs.cause).toBe(cause);
  });

  test("what a script ends with before it listens is told, not that it cannot be loaded", async () => {
    const worker = () => new Worker("throw 7", { eval: true });
    const error = await refused(createRuntime({ worker }));
    expect(error).toBeInstanceOf(WorkerError);
    expect(error.message).toBe("worker: expected it to run, got an error (7)");
  });

  test("one that takes no messages", async () => {
    const worker = new Fake(() => undefined);
    worker.postMessage = () => {
      throw new Error("closed");
    };
    expect(await refused(createRuntime({ worker: () => worker }))).toMatchObject({ name: "WorkerError", cause: { message: "closed" } });
  });
});
