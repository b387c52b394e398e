/** Release builds as text with the names of functions in it, for `npm run wat` and the test of operation counts. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import binaryen from "binaryen";
import { newestTime, root, time } from "./ensure-build.js";
import { features, foldOffsets } from "./fold-offsets.js";

/** How often operations of each kind occur. */
export type Operations = Record<"vector" | "loads" | "splats" | "stores" | "calls" | "branches", number>;

interface Expression {
  readonly op: string;
  readonly children: Expression[];
}

const SOURCES = ["assembly", "asconfig.json", "package-lock.json", "scripts/fold-offsets.ts", "scripts/named-build.ts"];

/**
 * @param target its name in asconfig.json
 * @returns each function's text by its name, such as `assembly/tiles/tile4<f32>`
 */
export async function namedFunctions(target: string): Promise<Map<string, string>> {
  const file = `build/named/${target}.wat`;
  if (SOURCES.some((path) => newestTime(path) > time(file))) await build(target);
  const functions = new Map<string, string>();
  // binaryen's text is indented by its nesting: a function begins and ends at one space.
  for (const [text, quoted, plain] of readFileSync(`${root}/${file}`, "utf8").matchAll(
    /^ \(func \$(?:"([^"]+)"|([^\s()]+))[\s\S]*?^ \)$/gm,
  )) {
    functions.set(unescapeName(quoted ?? plain), text);
  }
  return functions;
}

function unescapeName(name: string): string {
  return name.replace(/\\([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The release build's own steps; `--debug` adds names and changes no code. */
async function build(target: string): Promise<void> {
  mkdirSync(`${root}/build/named`, { recursive: true });
  const unfinished = `build/named/${target}.${process.pid}.tmp`;
  const args = ["--config", "asconfig.json", "--target", target, "--debug", "--outFile", unfinished, "--baseDir", root];
  const { error, stderr } = await asc.main(args);
  if (error) throw new Error(stderr.toString());
  const binary = readFileSync(`${root}/${unfinished}`);
  rmSync(`${root}/${unfinished}`);
  writeNamed(target, binary);
}

/** Writes a build as text. @param binary as asc compiles it, with names */
export function writeNamed(target: string, binary: Uint8Array): void {
  mkdirSync(`${root}/build/named`, { recursive: true });
  const unfinished = `${root}/build/named/${target}.${process.pid}.tmp`;
  const module = binaryen.readBinary(target === "debug" ? binary : foldOffsets(binary, target, true));
  module.setFeatures(features(target));
  writeFileSync(unfinished, module.emitText());
  module.dispose();
  renameSync(unfinished, `${root}/build/named/${target}.wat`);
}

const KINDS: readonly (readonly [keyof Operations, RegExp])[] = [
  ["splats", /^v128\.load\d+_splat$/],
  ["loads", /\.load/],
  ["stores", /\.store|^memory\.(copy|fill)$/],
  ["calls", /^call(_indirect)?$/],
  ["branches", /^(br|br_if|br_table|if)$/],
  ["vector", /^(v128|[if]\d+x\d+)\.(?!const$)/],
];

/**
 * What the innermost loops of a function do, in their order: operations by kind.
 *
 * @param text of namedFunctions
 */
export function innermostLoops(text: string): Operations[] {
  const loops: Operations[] = [];
  visit(parse(text));
  return loops;

  /** Whether there is a loop in it. */
  function visit(node: Expression): boolean {
    const inner = node.children.map(visit).includes(true);
    if (node.op !== "loop") return inner;
    if (!inner) loops.push(countOperations(node));
    return true;
  }
}

/** What all of a function does, its loops and its branches once each. @param text of namedFunctions */
export function allOperations(text: string): Operations {
  return countOperations(parse(text));
}

function countOperations(root: Expression): Operations {
  const counts: Operations = { vector: 0, loads: 0, splats: 0, stores: 0, calls: 0, branches: 0 };
  (function visit({ op, children }: Expression): void {
    const kind = KINDS.find(([, pattern]) => pattern.test(op))?.[0];
    if (kind) counts[kind]++;
    children.forEach(visit);
  })(root);
  return counts;
}

/** S-expressions: an operation and the expressions in it. */
function parse(text: string): Expression {
  const root: Expression = { op: "", children: [] };
  const stack = [root];
  for (const [token, op] of text.matchAll(/;;.*|"(?:[^"\\]|\\.)*"|\(\s*([^\s()"]+)|[()]/g)) {
    if (op !== undefined || token === "(") {
      const node: Expression = { op: op ?? "", children: [] };
      (stack.at(-1) as Expression).children.push(node);
      stack.push(node);
    } else if (token === ")") stack.pop();
  }
  return root;
}
