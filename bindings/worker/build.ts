/** In the worker: objects from descriptions, by the names of the package's classes. */
import { show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { Layer } from "../layers/layer.js";
import { Loss } from "../losses/loss.js";
import type { Part } from "../model.js";
import { Optimizer } from "../optim/optimizer.js";
import { Steering } from "../optim/schedules/steering.js";
import type { Parameter } from "../parameters.js";
import type { Runtime } from "../runtime.js";
import type { WorkerModule } from "./descriptions.js";
import * as library from "./library.js";

type Class<Made> = new (...args: unknown[]) => Made;

/** Of the package's classes those that are heirs of one of these, by name. */
function classesOf<Made>(...bases: object[]): ReadonlyMap<string, Class<Made>> {
  const isHeir = (type: unknown) => typeof type === "function" && bases.some((base) => Object.prototype.isPrototypeOf.call(base, type));
  return new Map(Object.entries(library).filter(([, type]) => isHeir(type)) as unknown as [string, Class<Made>][]);
}

const LAYERS = classesOf<Layer>(Layer);
const LOSSES = classesOf<Loss>(Loss);
const OPTIMIZERS = classesOf<Optimizer>(Optimizer);
const SCHEDULES = classesOf<Steering>(Steering);

/** A description taken apart. @throws {ArgumentError} */
function read<Made>(argument: string, classes: ReadonlyMap<string, Class<Made>>, described: unknown, most = 2) {
  const [name, ...rest] = Array.isArray(described) ? (described as unknown[]) : [];
  if (typeof name !== "string" || rest.length >= most)
    throw new ArgumentError(argument, `a description, such as ["${[...classes.keys()][0]}", { … }]`, show(described));
  return { name, rest: rest.filter((value) => value !== undefined) };
}

function classOf<Made>(argument: string, classes: ReadonlyMap<string, Class<Made>>, name: string): Class<Made> {
  const type = classes.get(name);
  if (!type) throw new ArgumentError(argument, `one of ${[...classes.keys()].join(", ")}`, show(name));
  return type;
}

/** Descriptions in descriptions; a circle has no end. */
const MOST_FLOORS = 64;

function checkFloor(argument: string, floor: number): void {
  if (floor > MOST_FLOORS)
    throw new ArgumentError(`${argument.slice(0, 20)}…`, `at most ${MOST_FLOORS} descriptions in one another`, "more, or a circle");
}

/** A model of layers one after another; where one cannot be made, those before it are given back. */
export function buildModel(rt: Runtime, layers: unknown, argument = "layers", floor = 0): library.Sequential {
  checkFloor(argument, floor);
  if (typeof layers !== "object" || layers === null)
    throw new ArgumentError(argument, "descriptions of layers, by name or in a list", show(layers));
  const made: [string, Part][] = [];
  try {
    for (const [name, described] of Object.entries(layers)) {
      const where = `${argument}.${name}`;
      const { name: type, rest } = read(where, LAYERS, described);
      if (type === "Sequential") made.push([name, buildModel(rt, rest[0], where, floor + 1)]);
      else made.push([name, new (classOf(where, LAYERS, type))(rt, ...rest)]);
    }
    return Array.isArray(layers)
      ? new library.Sequential(
          rt,
          made.map(([, part]) => part),
        )
      : new library.Sequential(rt, Object.fromEntries(made));
  } catch (error) {
    for (const [, part] of made) part.dispose();
    throw error;
  }
}

export function buildLoss(rt: Runtime, described: unknown): Loss {
  const { name, rest } = read("loss", LOSSES, described);
  return new (classOf("loss", LOSSES, name))(rt, ...rest);
}

export function buildOptimizer(parameters: readonly Parameter[], described: unknown): Optimizer {
  const { name, rest } = read("optimizer", OPTIMIZERS, described);
  return new (classOf("optimizer", OPTIMIZERS, name))(parameters, ...rest);
}

export function buildSchedule(optimizer: unknown, described: unknown, argument = "schedule", floor = 0): Steering {
  checkFloor(argument, floor);
  const { name, rest } = read(argument, SCHEDULES, described, 3);
  const type = classOf(argument, SCHEDULES, name);
  if (name !== "SequentialLR" || !Array.isArray(rest[0])) return new type(optimizer, ...rest);
  const inner = rest[0].map((each, i) => buildSchedule(optimizer, each, `${argument}[${i}]`, floor + 1));
  return new type(optimizer, inner, ...rest.slice(1));
}

/** @throws {FormatError} */
export async function importModule(url: string): Promise<{ default?: unknown }> {
  try {
    return await import(url);
  } catch (cause) {
    throw new FormatError(`module: expected one that can be imported, got ${show(url)} (${(cause as Error)?.message})`, { cause });
  }
}

/** What a module of the user's gives. @throws {FormatError} when it cannot be imported or gives no model, and what it throws */
export async function buildModule(rt: Runtime, url: string, options: unknown): Promise<WorkerModule> {
  const module = await importModule(url);
  if (typeof module.default !== "function")
    throw new FormatError(`module: expected a default export that is a function, got ${show(module.default)} of ${show(url)}`);
  const made: WorkerModule = await module.default({ rt, library }, options);
  if (typeof made?.model?.forward !== "function") throw new FormatError(`module: expected { model, … } of its function, got ${show(made)}`);
  const { methods = {} } = made;
  const isList = typeof methods === "object" && methods !== null && !Array.isArray(methods);
  const [name, other] = Object.entries(isList ? methods : {}).find(([, method]) => typeof method !== "function") ?? [];
  if (isList && name === undefined) return { ...made };
  (made.model as { dispose?(): void }).dispose?.();
  throw new FormatError(
    isList
      ? `module: expected methods.${name} to be a function, got ${show(other)}`
      : `module: expected methods to be an object of functions, got ${show(methods)}`,
  );
}
