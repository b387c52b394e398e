/** One wrong call, and the verdict: a typed error or a right result, and everything as it was. */
import * as fc from "fast-check";
import { WasmRnnError } from "../../bindings/index.js";
import { Tensor } from "../../bindings/tensor.js";
import { type Wrong, wrongsFor } from "./misuse-values.js";
import { isDisposable, Mine, type World } from "./misuse-world.js";

/** A call that is right, on objects made for it alone. */
export interface Open {
  readonly args: readonly unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose
  call(...args: any[]): unknown;
  /** Whose method it is: may be disposed of first. */
  readonly self?: unknown;
  /** What an error must leave as it is, beside the bytes in use. */
  observe?(): unknown;
  /** What is wrong with a result, if anything. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  faults?(result: any, args: any[]): string | undefined;
}

/** Something of the public face. */
export interface Door {
  /** Such as "Dense.forward", or "sample". */
  readonly name: string;
  open(w: World): Open;
  /** Places, such as "1.loss", where strangers are at home: objects of the caller's own, numbers that may be anything. */
  readonly lenient?: readonly string[];
  /** Whether workspaces of living objects may have been taken before an error. */
  readonly lazy?: true;
}

/** What fast-check draws: which place goes wrong, and how. */
export interface Case {
  readonly place: number;
  readonly wrong: number;
  readonly value: unknown;
  /** A second fault beside the first. */
  readonly also: number | undefined;
}

const DEEPEST = 4;
/** Milliseconds: far beyond any case on any machine, and no hang. */
const LONGEST = 20_000;

export const cases: fc.Arbitrary<Case> = fc.record({
  place: fc.nat(),
  wrong: fc.nat(),
  value: fc.anything({
    maxDepth: 2,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  also: fc.option(fc.nat(), { nil: undefined, freq: 4 }),
});

type Path = readonly string[];

/** Every place in the arguments where something may stand wrong: arguments, members of plain objects, first elements of lists. */
function placesIn(value: unknown, path: Path = []): Path[] {
  const own = path.length > 0 ? [path] : [];
  if (path.length >= DEEPEST || typeof value !== "object" || value === null) return own;
  if (Array.isArray(value))
    return [
      ...own,
      ...(typeof value[0] === "object" || path.length === 0 ? value : []).flatMap((each, i) =>
        path.length > 0 && i > 1 ? [] : placesIn(each, [...path, String(i)]),
      ),
    ];
  if (Object.getPrototypeOf(value) !== Object.prototype) return own;
  return [...own, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name]))];
}

function at(value: unknown, [name, ...rest]: Path): unknown {
  return name === undefined ? value : at((value as Record<string, unknown>)[name], rest);
}

/** A copy with another value in a place. */
function changed(value: unknown, [name, ...rest]: Path, to: unknown): unknown {
  if (name === undefined) return to;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[name] = changed(copy[name], rest, to);
  return copy;
}

/** Members of objects that may have others: arrays, samples, parameters of the notebook, callbacks, states of optimizers. */
const OPEN = ["data", "x", "by", "onEnd", "tensors"];

/** Why a value must not have been taken for a right one; undefined where it may. */
function strange(right: unknown, wrong: unknown): string | undefined {
  if (wrong === undefined) return undefined;
  if (typeof right === "number") return typeof wrong === "number" && Number.isFinite(wrong) ? undefined : "no finite number";
  if (typeof right !== "object" || right === null) return typeof wrong === typeof right ? undefined : `no ${typeof right}`;
  if (typeof wrong !== "object" || wrong === null) return "no object";
  if (right instanceof Tensor) return wrong instanceof Tensor ? undefined : "no tensor";
  if ("surprise" in wrong && !OPEN.some((name) => name in right)) return "a surplus member";
  return undefined;
}

/** What the caller's own callbacks, getters and Proxies throw, or the engine in their place. */
function isCallers(error: unknown): boolean {
  if (error instanceof Mine) return true;
  return error instanceof TypeError && /on a proxy that has been revoked|cannot be invoked without 'new'/.test(error.message);
}

interface Slip {
  readonly place: string;
  readonly name: string;
  readonly right: unknown;
  readonly wrong: unknown;
}

/** The arguments of a case, and where they are wrong; its object may be at its end. */
function slipsOf(open: Open, one: Case, w: World): { args: unknown[]; slips: Slip[] } {
  const places: Path[] = [...placesIn(open.args), ...(isDisposable(open.self) ? [["self"]] : [])];
  const slips: Slip[] = [];
  let args = [...open.args];
  for (const [i, pick] of [one.place, one.also].entries()) {
    if (pick === undefined || places.length === 0) continue;
    const path = places[pick % places.length] as Path;
    const place = path.join(".");
    if (slips.some((slip) => slip.place.startsWith(place) || place.startsWith(slip.place))) continue;
    if (place === "self") {
      slips.push({ place, name: "disposed of", right: undefined, wrong: undefined });
      continue;
    }
    const right = at(open.args, path);
    const list: readonly Wrong[] = [...wrongsFor(right, w), [`generated ${fc.stringify(one.value).slice(0, 60)}`, () => one.value]];
    const [name, make] = list[(one.wrong + 7 * i) % list.length] as Wrong;
    const wrong = make();
    slips.push({ place, name, right, wrong });
    args = changed(args, path, wrong) as unknown[];
  }
  // Last: wrong values are made of right ones, which may live in it.
  if (slips.some(({ place }) => place === "self")) (open.self as { dispose(): void }).dispose();
  return { args, slips };
}

/** What is wrong with a result. */
function wrongResult(door: Door, open: Open, { args, slips }: { args: unknown[]; slips: readonly Slip[] }, result: unknown): string[] {
  const isLenient = (place: string) => door.lenient?.some((name) => place === name || place.startsWith(`${name}.`));
  const taken = slips.filter(({ place }) => place !== "self" && !isLenient(place));
  const strangers = taken.flatMap(({ right, wrong }) => strange(right, wrong) ?? []).map((why) => `took ${why} without a word`);
  return [...strangers, ...[open.faults?.(result, args) ?? []].flat()];
}

/** What is wrong with an error. */
function wrongError(error: unknown): string[] {
  if (error instanceof WasmRnnError || isCallers(error)) return [];
  return [`raw ${error instanceof Error ? error.stack?.split("\n").slice(0, 4).join(" ") : fc.stringify(error)}`];
}

/** One case on fresh objects: what went wrong with it. */
async function attempt(door: Door, one: Case, w: World): Promise<{ told: string; faults: string[] }> {
  const open = door.open(w);
  const seen = JSON.stringify(open.observe?.());
  const made = slipsOf(open, one, w);
  const { args, slips } = made;
  const told = slips.map(({ place, name }) => `${place}: ${name}`).join(" and ");
  const isOver = slips.some(({ place }) => place === "self");
  const bytes = w.rt.bytesInUse;
  const start = performance.now();
  const faults: string[] = [];
  try {
    const result = w.own(await open.call(...args));
    faults.push(...wrongResult(door, open, made, result));
  } catch (error) {
    faults.push(...wrongError(error));
    if (!door.lazy && w.rt.bytesInUse !== bytes) faults.push(`${w.rt.bytesInUse - bytes} bytes more in use after ${String(error)}`);
    if (!isOver && JSON.stringify(open.observe?.()) !== seen) faults.push(`changed by what failed with ${String(error)}`);
  }
  if (performance.now() - start > LONGEST) faults.push("took too long");
  return { told, faults };
}

/** What went wrong with one case, or undefined. */
export async function verdict(door: Door, one: Case, w: World): Promise<string | undefined> {
  const start = w.rt.bytesInUse;
  const { told, faults } = await attempt(door, one, w).finally(() => w.clear());
  const left = w.rt.bytesInUse - start;
  if (left !== 0) faults.push(`${left} bytes never given back`);
  const unusable = w.unusable();
  if (unusable) faults.push(unusable);
  return faults.length === 0 ? undefined : `${door.name}: ${told}: ${faults.join("; ")}`;
}
