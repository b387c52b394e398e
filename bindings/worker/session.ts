/** In the worker: what it holds, and what it can be asked to do. */
import { beamSearch } from "../beam-search.js";
import { show } from "../checks.js";
import { ArgumentError, DisposedError } from "../errors.js";
import { type GenerateOptions, generate, generateStream } from "../generate.js";
import type { Optimizer } from "../optim/optimizer.js";
import { Generator } from "../random.js";
import { createRuntime, type Runtime } from "../runtime.js";
import type { Sequential } from "../sequential.js";
import { scalerOf } from "../series/scalers.js";
import { checkModel } from "../training/doors.js";
import { fit } from "../training/fit.js";
import type { FitOptions, Training } from "../training/fit-options.js";
import { evaluate } from "../training/measure.js";
import { type Input, predict } from "../training/predict.js";
import { buildLoss, buildModel, buildModule, buildOptimizer, buildSchedule } from "./build.js";
import type { WorkerModule } from "./descriptions.js";
import { type Parcel, unpack } from "./parcels.js";
import { type Ask, relayTo } from "./relay.js";
import { type HeldStream, streamCalls } from "./stream-calls.js";

/** Samples that came in slices, and the buffers that came with them. */
interface Held {
  readonly items: unknown[];
  readonly buffers: ArrayBufferLike[];
}

/** Tokens that are drawn one after another, and what ends that. */
interface Drawing {
  readonly tokens: AsyncGenerator<number, void, void>;
  readonly controller: AbortController;
}

/** What a call has beside its arguments. */
export interface Context {
  readonly controller: AbortController;
  readonly ask: Ask;
  /** What the call trains, once it does. */
  training?: Training;
}

type Options = Readonly<Record<string, unknown>>;

/** Calls by their names; arguments are what the other side says, and so are checked. */
export class Session {
  #rt: Runtime | undefined;
  #next = 1;
  readonly #models = new Map<unknown, WorkerModule>();
  readonly #streams = new Map<unknown, HeldStream>();
  readonly #drawings = new Map<unknown, Drawing>();
  readonly #held = new Map<unknown, Held>();

  readonly calls: Readonly<Record<string, (context: Context, ...args: never[]) => unknown>> = {
    createRuntime: async (_, options: object) => {
      if (this.#rt) throw new ArgumentError("createRuntime", "one runtime a worker", "a second");
      this.#rt = await createRuntime(options);
      const { build, dtype } = this.#rt;
      return { build, dtype };
    },
    bytesInUse: () => this.#runtime.bytesInUse,
    sequential: (_, layers: unknown) => this.#add(this.#models, { model: buildModel(this.#runtime, layers) }),
    module: async (_, url: string, options: unknown) => this.#add(this.#models, await buildModule(this.#runtime, url, options)),
    // `other`: a list that came before this one, with buffers that both have views of.
    hold: (_, id: unknown, parcel: Parcel, other?: unknown) => {
      const held = this.#held.get(id) ?? { items: [], buffers: this.#held.get(other)?.buffers ?? [] };
      held.items.push(...unpack(parcel, held.buffers));
      return this.#held.has(id) ? id : this.#add(this.#held, held);
    },
    release: (_, id: unknown) => this.#release(id),
    fit: (context, id: unknown, options: Options, hasSignal: boolean, aborted: boolean) =>
      this.#fit(context, this.#model(id), options, { hasSignal, aborted }),
    evaluate: (_, id: unknown, options: Options) => {
      const { model, ...own } = this.#model(id);
      const given = {
        ...pick(own, ["data", "loss", "metrics", "targetScaler", "batchSize", "features"]),
        ...withScaler(this.#withSamples(options)),
      };
      return withMade((make) =>
        evaluate(model, { ...given, loss: make((given as Options).loss, (loss) => buildLoss(this.#runtime, loss)) } as Parameters<
          typeof evaluate
        >[1]),
      );
    },
    predict: (_, id: unknown, inputs: unknown, options: Options) => {
      const { model, ...own } = this.#model(id);
      return predict(model, find(this.#held, "inputs", inputs).items as Input[], {
        ...pick(own, ["targetScaler", "features"]),
        ...withScaler(options),
      });
    },
    generate: (_, id: unknown, prompt: ArrayLike<number>, options: Options) =>
      generate(this.#model(id).model as Sequential, prompt, withGenerator(options)),
    generateStream: (_, id: unknown, prompt: ArrayLike<number>, options: Options) => {
      const controller = new AbortController();
      const how = { ...withGenerator(options), signal: controller.signal };
      return this.#add(this.#drawings, { tokens: generateStream(this.#model(id).model as Sequential, prompt, how), controller });
    },
    next: (_, id: unknown) => find(this.#drawings, "generateStream", id).tokens.next(),
    beamSearch: (_, id: unknown, prompt: ArrayLike<number>, options: { length: number }) =>
      beamSearch(this.#model(id).model as Sequential, prompt, options),
    save: (_, id: unknown, metadata: Options) => this.#sequential(id, "save").save(withScalers(metadata)),
    load: (_, id: unknown, bytes: Uint8Array) => void this.#sequential(id, "load").load(bytes),
    summary: (_, id: unknown) => this.#sequential(id, "summary").summary(),
    stream: (_, id: unknown, options: { batch?: number }) =>
      this.#add(this.#streams, { stream: this.#sequential(id, "stream").stream(options), N: options.batch ?? 1 }),
    ...streamCalls((id) => find(this.#streams, "stream", id)),
    method: (_, id: unknown, name: string, args: unknown[]) => {
      const { methods = {} } = this.#model(id);
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (!method)
        throw new ArgumentError("name", `one of the module's methods (${Object.keys(methods).join(", ") || "none"})`, show(name));
      return method.apply(methods, args);
    },
  };

  get #runtime(): Runtime {
    if (!this.#rt) throw new ArgumentError("createRuntime", "a call of it first", "none");
    return this.#rt;
  }

  #fit(context: Context, { model, methods, ...own }: WorkerModule, given: Options, how: { hasSignal: boolean; aborted: boolean }) {
    const { controller, ask } = context;
    const take = (training: Training) => {
      context.training = training;
    };
    const options: Options = { ...own, ...withScaler(this.#withSamples(given)) };
    if (how.aborted) controller.abort();
    return withMade((make) => {
      const optimizer = make(options.optimizer, (described) =>
        buildOptimizer(
          checkModel(model, ["namedParameters"])
            .namedParameters()
            .map(([, parameter]) => parameter),
          described,
        ),
      );
      return fit(model, {
        ...(options as object as FitOptions),
        optimizer: optimizer as Optimizer,
        loss: make(options.loss, (described) => buildLoss(this.#runtime, described)),
        ...(options.schedule === undefined ? {} : { schedule: make(options.schedule, (described) => buildSchedule(optimizer, described)) }),
        ...(given.checkpoint === undefined ? {} : { checkpoint: savingTo(ask, given.checkpoint as CheckpointData) }),
        ...(how.hasSignal ? { signal: controller.signal } : {}),
        callbacks: [own.callbacks ?? [], relayTo(ask, take)].flat(),
      } as FitOptions);
    });
  }

  /** Options with the samples themselves in the place of their numbers. */
  #withSamples(options: Options): Options {
    const { data, validation, ...rest } = options;
    const given = Object.entries({ data, validation }).filter(([, id]) => id !== undefined);
    return { ...rest, ...Object.fromEntries(given.map(([name, id]) => [name, find(this.#held, name, id).items])) };
  }

  #model(id: unknown): WorkerModule {
    return find(this.#models, "model", id);
  }

  /** What only a model of the package can: one of the user's may have it. */
  #sequential(id: unknown, method: "save" | "load" | "summary" | "stream"): Sequential {
    const model = this.#model(id).model as Sequential;
    if (typeof model[method] !== "function") throw new ArgumentError("model", `one with ${method}()`, show(model));
    return model;
  }

  #add<V>(things: Map<unknown, V>, value: V): number {
    const id = this.#next++;
    things.set(id, value);
    return id;
  }

  #release(id: unknown): void {
    const { model, optimizer, loss } = this.#models.get(id) ?? {};
    for (const thing of [model, optimizer, loss, this.#streams.get(id)?.stream]) (thing as { dispose?(): void } | undefined)?.dispose?.();
    this.#drawings.get(id)?.controller.abort();
    for (const things of [this.#models, this.#streams, this.#drawings, this.#held]) things.delete(id);
  }
}

/** A checkpoint's options as they are sent: whether the caller saves, too. */
interface CheckpointData {
  readonly save: boolean;
}

/** Options with the target's scaler itself in the place of what it is. */
function withScaler(options: Options): Options {
  return options.targetScaler === undefined ? options : { ...options, targetScaler: scalerOf(options.targetScaler) };
}

/** Metadata of a file with the scalers themselves. */
function withScalers(metadata: Options): Readonly<Record<string, string>> {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return metadata as never; // it is refused
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, scalerOf(value) as string]));
}

/** Options with a generator in the place of a seed. */
function withGenerator({ seed, ...options }: Options): GenerateOptions {
  return { ...(options as object as GenerateOptions), ...(seed === undefined ? {} : { generator: new Generator(seed as number) }) };
}

/** Those of the options that are there. */
function pick(options: object, names: readonly string[]): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

function savingTo(ask: Ask, { save, ...rest }: CheckpointData): object {
  return save ? { ...rest, save: (bytes: Uint8Array) => ask("save", bytes) } : rest;
}

function find<V>(things: ReadonlyMap<unknown, V>, what: string, id: unknown): V {
  const thing = things.get(id);
  if (thing === undefined) throw new DisposedError(what);
  return thing;
}

/** For one call: what is made of a description on its way, and given back when it is over. */
async function withMade<R>(run: (make: <V>(value: unknown, build: (described: unknown) => V) => V) => Promise<R>): Promise<R> {
  const made: { dispose?(): void }[] = [];
  try {
    return await run((value, build) => {
      if (!Array.isArray(value)) return value as never;
      const thing = build(value);
      made.push(thing as (typeof made)[number]);
      return thing;
    });
  } finally {
    for (const thing of made) thing.dispose?.();
  }
}
