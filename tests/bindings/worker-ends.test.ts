/** Modules of one's own in a worker, and how workers end: by dispose, by a crash, by nobody's holding them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import * as esbuild from "esbuild";
import { afterEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  createRuntime,
  DisposedError,
  evaluate,
  FormatError,
  fit,
  NonFiniteError,
  WorkerError,
  type WorkerLike,
  type WorkerModel,
  type WorkerRuntime,
} from "../../bindings/worker.js";
import { ROOT } from "../helpers/package.js";
import { sourceWorker, workerRuntime } from "../helpers/worker.js";

const MODULE = new URL("../helpers/worker-module.ts", import.meta.url);

const open: WorkerRuntime[] = [];
afterEach(() => {
  for (const rt of open.splice(0)) rt.dispose();
});

async function runtime(worker: () => WorkerLike = sourceWorker): Promise<WorkerRuntime> {
  const rt = await workerRuntime({ worker });
  open.push(rt);
  return rt;
}

async function ofModule(options: unknown = {}, rt?: WorkerRuntime): Promise<WorkerModel> {
  return (rt ?? (await runtime())).module(MODULE, options);
}

describe("a module of one's own", () => {
  test("gives model, data and all options of fit, and methods", async () => {
    const model = await ofModule();
    const before = (await model.call("weights")) as Float32Array;
    const history = await fit(model, { epochs: 4, batchSize: 5 });
    expect(history.steps).toBe(16);
    expect(await model.call("batches")).toBe(16); // its own callbacks were called in the worker
    expect(await model.call("weights")).not.toEqual(before);
    expect((await evaluate(model)).loss).toBeLessThan(history.epochs[0]?.loss as number);
    const values = Float32Array.of(1, 2);
    expect(await model.call("doubled", values)).toEqual(Float32Array.of(2, 4));
    expect(values.byteLength).toBe(0);
    // The module's optimizer goes on; given options go before its own.
    expect((await fit(model, { data: [{ x: [1], y: [1] }], loss: ["L1Loss"] })).steps).toBe(1);
  });

  test("its end gives back all memory", async () => {
    const rt = await runtime();
    const model = await ofModule({}, rt);
    await fit(model, {});
    expect(await rt.bytesInUse).toBeGreaterThan(0);
    model.dispose();
    expect(await rt.bytesInUse).toBe(0);
  });

  test("what goes wrong with it", async () => {
    const rt = await runtime();
    const refused = async (url: unknown, options?: unknown) => rt.module(url as URL, options).catch((error: unknown) => error);
    expect(await refused("./model.js")).toBeInstanceOf(ArgumentError);
    const missing = await refused(new URL("./missing.js", import.meta.url));
    expect(missing).toBeInstanceOf(FormatError);
    expect((missing as Error).message).toMatch(/module: expected one that can be imported, got ".*missing\.js"/);
    expect((missing as Error).cause).toBeInstanceOf(Error);
    const empty = await refused(new URL("../helpers/seed.ts", import.meta.url));
    expect(empty).toBeInstanceOf(FormatError);
    expect((empty as Error).message).toMatch(/a default export that is a function, got undefined/);
    expect(await refused(MODULE, { none: true })).toBeInstanceOf(FormatError);
    expect(await refused(MODULE, { fail: true })).toMatchObject({ name: "ArgumentError", argument: "fail" });
    expect(await refused(MODULE, { f() {} })).toBeInstanceOf(ArgumentError);
    const model = await ofModule({}, rt);
    await expect(model.call("toString")).rejects.toThrow(/one of the module's methods \(batches, doubled/);
  });

  test("errors of any class: the nearest that both sides know, its members, and what is no error", async () => {
    const model = await ofModule();
    const named = await model.call("raise", "class").catch((error: unknown) => error);
    expect(named).toBeInstanceOf(RangeError);
    expect(named).toMatchObject({ name: "Named", message: "of a class of its own", code: 7 });
    expect((named as Error).stack).toMatch(/worker-module\.ts/);
    await expect(model.call("raise", { code: 3 })).rejects.toEqual({ code: 3 });
    await expect(model.call("raise", undefined)).rejects.toBe(undefined);
    const caused = await model.call("raise", new SyntaxError("outer", { cause: new TypeError("inner") })).catch((error: unknown) => error);
    expect(caused).toBeInstanceOf(SyntaxError);
    expect((caused as Error).cause).toBeInstanceOf(TypeError);
    const place = await model.call("place").catch((error: unknown) => error);
    expect(place).toBeInstanceOf(NonFiniteError);
    expect((place as NonFiniteError).place).toEqual({ step: 3, batch: 2, layer: "lstm" });
  });
});

describe("the end", () => {
  test("dispose() rejects what waits, and what comes later; twice is harmless", async () => {
    const rt = await runtime();
    const model = await ofModule({ hang: true }, rt);
    const run = fit(model, {});
    const ended: string[] = [];
    const loop = (async () => {
      for await (const _ of run);
    })();
    run.catch((error: Error) => ended.push(error.name));
    await new Promise((resolve) => setTimeout(resolve, 20));
    rt.dispose();
    rt.dispose();
    await expect(loop).rejects.toThrow(DisposedError);
    await expect(run).rejects.toThrow(DisposedError);
    expect(ended).toEqual(["DisposedError"]);
    expect(rt.disposed && model.disposed).toBe(true);
    await expect(rt.bytesInUse).rejects.toThrow(DisposedError);
    await expect(model.save()).rejects.toThrow(DisposedError);
    model.dispose();
  });

  test("Symbol.asyncDispose waits until the worker has ended", async () => {
    const worker = sourceWorker();
    const rt = await workerRuntime({ worker: () => worker });
    let code: number | undefined;
    worker.on("exit", (with_) => {
      code = with_;
    });
    await rt[Symbol.asyncDispose]();
    expect(code).toBe(1);
  });

  test.each([
    ["process.exit", "die", /got one that has ended \(code 3\)/],
    ["an error nobody catches", "throwLater", /got an error \(later\)/],
    ["no memory left", "fill", /got an error \(.*memory/],
  ])("a worker that dies rejects all that waits: %s", { timeout: 60_000 }, async (_, method, message) => {
    const rt = await runtime(
      () =>
        new Worker(new URL("../../bindings/worker-thread.ts", import.meta.url), {
          execArgv: ["--import", "@oxc-node/core/register"],
          resourceLimits: { maxOldGenerationSizeMb: 64 },
        }),
    );
    const [hanging, dying] = [await ofModule({ hang: true }, rt), await ofModule({}, rt)];
    const ends: string[] = [];
    const run = fit(hanging, { callbacks: { onEnd: () => void ends.push("end") } });
    dying.call(method).catch(() => {});
    const error = await run.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WorkerError);
    expect((error as Error).message).toMatch(message);
    await expect(dying.save()).rejects.toBe(error);
    rt.dispose();
    await expect(dying.save()).rejects.toThrow(DisposedError);
  });

  test("a worker that cannot start, is none, or is of another version", async () => {
    const refused = async (worker: unknown) => createRuntime({ worker: worker as () => WorkerLike }).catch((error: unknown) => error);
    expect(await refused(3)).toMatchObject({ name: "ArgumentError", argument: "worker" });
    expect(await refused(() => 3)).toMatchObject({ name: "ArgumentError", argument: "worker" });
    const missing = await refused(() => new Worker(new URL("./missing.js", import.meta.url)));
    expect(missing).toBeInstanceOf(WorkerError);
    expect((missing as Error).cause).toBeInstanceOf(Error);
    const other = 'require("node:worker_threads").parentPort.on("message", () => {}).postMessage({ welcome: 99 })';
    expect(await refused(() => new Worker(other, { eval: true }))).toMatchObject({
      name: "FormatError",
      message: expect.stringContaining("got 99"),
    });
    expect(await refused(() => new Worker("process.exit(0)", { eval: true }))).toBeInstanceOf(WorkerError);
    const wrong = await createRuntime({ worker: sourceWorker, build: "fast" as "relaxed" }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ name: "ArgumentError", argument: "build" });
  });

  test("garbage on the wire disturbs nothing", async () => {
    let worker: Worker | undefined;
    const rt = await runtime(() => {
      worker = sourceWorker();
      return worker;
    });
    const model = await rt.sequential([["Dense", { inputSize: 1, outputSize: 1 }]]);
    const id = (model as unknown as { id: number }).id;
    const bytes = await rt.bytesInUse;
    const garbage: unknown[] = [
      ...[undefined, null, 0, "x", [], {}, { id: "1", call: "save" }, { id: 1e9 }, { id: 1e9, call: "constructor", args: [] }],
      ...[
        { id: 1e9, call: "__proto__", args: [] },
        { id: 1e9, call: "fit" },
        { id: 1e9, call: 3, args: 3 },
        { id: 1e9, call: "release", args: [{}] },
      ],
      ...[
        "fit",
        "evaluate",
        "generate",
        "beamSearch",
        "save",
        "load",
        "stream",
        "step",
        "state",
        "restore",
        "method",
        "hold",
        "module",
        "sequential",
      ].flatMap((call) =>
        [[], [id], [id, null], [id, 3, 3, 3], [{}, {}, {}], [id, { data: id, validation: {} }]].map((args) => ({ id: 1e9, call, args })),
      ),
      ...[
        { id: 1e9, cancel: true },
        { id: 1e9, answer: 1, failed: true },
        { hello: "x" },
        { id: 0, call: "fit", args: [] },
        { id: 1, call: "createRuntime", args: [{}] },
      ],
    ];
    for (const message of garbage) worker?.postMessage(message);
    // Toward this side, too: whatever a worker says beside the protocol.
    for (const message of garbage) worker?.emit("message", message);
    for (const message of [
      { id: 1e9, value: 1 },
      { id: 0, error: null },
      { id: 1e9, ask: 1, name: "x" },
    ])
      worker?.emit("message", message);
    expect(await evaluate(model, { data: [{ x: [1], y: [1] }], loss: ["MSELoss"] })).toMatchObject({ loss: expect.any(Number) });
    expect(await rt.bytesInUse).toBeGreaterThanOrEqual(bytes);
  });

  test("models that nobody holds any more are let go", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const rt = await runtime();
    await (async () => {
      const model = await rt.sequential([["LSTM", { inputSize: 8, hiddenSize: 64 }]]);
      await model.stream();
    })();
    expect(await rt.bytesInUse).toBeGreaterThan(0);
    for (let i = 0; i < 200 && (await rt.bytesInUse) > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      collect();
    }
    expect(await rt.bytesInUse).toBe(0);
  });
});

test("a process ends by itself: while nothing is awaited, and after the end", () => {
  const source = (last: string) => `
    import { createRuntime, fit } from ${JSON.stringify(`${ROOT}/dist/worker.js`)};
    const rt = await createRuntime();
    const model = await rt.sequential([["Dense", { inputSize: 1, outputSize: 1 }]]);
    const run = fit(model, { data: [{ x: [1], y: [1] }], loss: ["MSELoss"], optimizer: ["SGD", { lr: 0.1 }], epochs: 200 });
    run.then(({ steps }) => console.log(steps));
    ${last}`;
  for (const last of ["", "await run;", "await run; rt.dispose();"]) {
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", source(last)], { encoding: "utf8", timeout: 30_000 });
    expect(output).toBe("200\n");
  }
});

test("a page loads no engine for it: errors, checks and the protocol alone", () => {
  const { metafile, outputFiles } = esbuild.buildSync({
    ...{
      entryPoints: [`${ROOT}/bindings/worker.ts`],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
      metafile: true,
      outdir: ROOT,
    },
    ...{ absWorkingDir: ROOT, target: "es2022" },
  });
  const loaded = Object.keys(metafile.inputs).filter((file) => !file.startsWith("bindings/worker"));
  expect(loaded.sort()).toEqual([
    "bindings/checks.ts",
    "bindings/dispose.ts",
    "bindings/errors.ts",
    "bindings/heir.ts",
    "bindings/signal.ts",
  ]);
  expect(outputFiles[0]?.contents.length).toBeLessThan(24 * 1024);
});

describe("a bundler that does not find the script: a WorkerError says where it was looked for, and the cure", () => {
  const cure =
    "createRuntime({ worker: () => new Worker(…) }), of a file with one line that imports wasm-rnn/worker-thread (docs/worker.md";
  const bundle = (format: "esm" | "iife") =>
    esbuild.buildSync({
      ...{ entryPoints: [`${ROOT}/bindings/worker.ts`], bundle: true, format, write: false, outdir: ROOT, target: "es2022" },
      ...{ globalName: format === "iife" ? "lib" : "", logLevel: "error" },
    }).outputFiles[0]?.text as string;
  interface Bundled {
    createRuntime(): Promise<WorkerRuntime>;
    readonly WorkerError: new () => Error;
  }
  const failure = async ({ createRuntime, WorkerError }: Bundled) => {
    const error = (await createRuntime().catch((error: unknown) => error)) as Error;
    expect(error).toBeInstanceOf(WorkerError);
    expect(error.message).toContain(cure);
    return error;
  };

  test("a module of its own: the file is missing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-worker-"));
    try {
      writeFileSync(join(folder, "app.mjs"), bundle("esm"));
      const error = await failure(await import(/* @vite-ignore */ pathToFileURL(join(folder, "app.mjs")).href));
      expect(error.message).toContain(pathToFileURL(join(folder, "worker-thread.js")).href);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("a script, which has no address", async () => {
    const lib = new Function(`${bundle("iife")}; return lib;`)() as Bundled;
    const error = await failure(lib);
    expect(error.message).toContain("looked for here: nowhere");
    expect(error.cause).toBeInstanceOf(TypeError);
  });
});
