/** Checkpoints with a right sum and one thing wrong: every place in the details, every tensor, against every replacement. */
import type { NamedArray } from "../../bindings/index.js";
import { contentOf, packed } from "./resumable.js";

type Path = readonly (string | number)[];

const DEEP = 20_000;

/** Replacements as JSON text: null for the place itself left out. */
export const REPLACEMENTS: readonly (string | null)[] = [
  ...[null, "null", "{}", "[]", "-3", "-1", "0", "-0", "0.5", "7", "1e300", "2147483648", "9007199254740991", "9007199254740992"],
  ...["true", "false", '""', '"x"', '"1"', '"__proto__"', "[null]", "[[]]", "[1e300]", '{"length":3}', '{"toString":1,"valueOf":1}'],
  ...['{"number":"NaN"}', '{"number":"Infinity"}', '{"number":"-Infinity"}', '{"__proto__":{"epoch":1}}', '{"constructor":5}'],
  ...[`${"[".repeat(DEEP)}${"]".repeat(DEEP)}`, `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`, `"${"long ".repeat(40_000)}"`],
];

export interface Variant {
  readonly name: string;
  bytes(): Uint8Array;
}

/** All of them. */
export function brokenVariants(good: Uint8Array): Variant[] {
  const { tensors, details } = contentOf(good);
  const tree: unknown = JSON.parse(details);
  const inDetails = pathsOf(tree).flatMap((path) =>
    REPLACEMENTS.map((replacement): Variant => {
      const name = `${path.join(".") || "all"} → ${replacement === null ? "nothing" : replacement.slice(0, 30)}`;
      return { name, bytes: () => packed(tensors, textOf(tree, path, replacement)) };
    }),
  );
  return [...inDetails, ...doubled(tree, tensors), ...inTensors(tensors, details)];
}

function pathsOf(node: unknown, path: Path = []): Path[] {
  if (typeof node !== "object" || node === null) return [path];
  return [path, ...Object.entries(node).flatMap(([name, child]) => pathsOf(child, [...path, Array.isArray(node) ? Number(name) : name]))];
}

/** The tree as JSON, with other text in one place. */
function textOf(tree: unknown, path: Path, replacement: string | null): string {
  const mark = "@replace@";
  if (path.length === 0) return replacement ?? "";
  const copy = structuredClone(tree);
  const [parent, last] = [parentOf(copy, path), path.at(-1) as string];
  if (replacement !== null) parent[last] = mark;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return JSON.stringify(copy).replace(JSON.stringify(mark), () => replacement as string);
}

// biome-ignore lint/suspicious/noExplicitAny: any tree
function parentOf(tree: any, path: Path): any {
  return path.slice(0, -1).reduce((node, name) => node[name], tree);
}

/** Lists with an element more, objects with a stranger. */
function doubled(tree: unknown, tensors: Record<string, NamedArray>): Variant[] {
  return pathsOf(tree).flatMap((path) => {
    const copy = structuredClone({ tree }) as { tree: unknown };
    const node = path.reduce((at, name) => (at as Record<string | number, unknown>)[name], copy.tree);
    if (typeof node !== "object" || node === null) return [];
    if (Array.isArray(node)) node.push(node[0] ?? 1);
    else (node as Record<string, unknown>).stranger = 1;
    return [{ name: `${path.join(".")} and one more`, bytes: () => packed(tensors, JSON.stringify(copy.tree)) }];
  });
}

function inTensors(tensors: Record<string, NamedArray>, details: string): Variant[] {
  const names = Object.keys(tensors);
  return names.flatMap((name, i) => {
    const { shape, data } = tensors[name] as NamedArray;
    const { [name]: _, ...others } = tensors;
    const bad = (value: number) => data.map((each, k) => (k === data.length - 1 ? value : each)) as Float32Array<ArrayBuffer>;
    const variants: [string, Record<string, NamedArray>][] = [
      ["left out", others],
      ["by another name", { ...others, [`${name}x`]: { shape, data } }],
      ["by a stranger's name", { ...others, [`stranger.${name}`]: { shape, data } }],
      ["beside a stranger", { ...tensors, [`${name.split(".")[0]}.stranger`]: { shape, data } }],
      ["beside a nameless one", { ...tensors, "": { shape, data } }],
      ["in f64", { ...tensors, [name]: { shape, data: Float64Array.from(data) } }],
      ["in i32", { ...tensors, [name]: { shape, data: Int32Array.from(data) } }],
      ["flat or deeper", { ...tensors, [name]: { shape: shape.length === 1 ? [1, ...shape] : [data.length], data } }],
      ["longer", { ...tensors, [name]: { shape: [data.length + 1], data: Float32Array.of(...data, 1) } }],
      ["empty", { ...tensors, [name]: { shape: [0], data: new Float32Array(0) } }],
      ["with NaN", { ...tensors, [name]: { shape, data: bad(Number.NaN) } }],
      ["with infinity", { ...tensors, [name]: { shape, data: bad(Number.POSITIVE_INFINITY) } }],
      ["below zero", { ...tensors, [name]: { shape, data: bad(-5) } }],
      ["in another's place", { ...tensors, [name]: tensors[names[(i + 1) % names.length] as string] as NamedArray }],
    ];
    return variants.map(([what, changed]) => ({ name: `${name} ${what}`, bytes: () => packed(changed, details) }));
  });
}
