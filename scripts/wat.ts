/**
 * `npm run wat -- <function> [build]`: one function's WebAssembly, and what its innermost loops do.
 *
 *   npm run wat -- tile4                  the f32 one, of the baseline
 *   npm run wat -- 'tile6<f64>' relaxed
 */
import { parseArgs } from "node:util";
import { innermostLoops, namedFunctions } from "./named-build.js";

const { positionals } = parseArgs({ allowPositionals: true });
const [name, target = "baseline"] = positionals;
if (name === undefined || !["baseline", "relaxed", "debug"].includes(target)) {
  console.error("usage: npm run wat -- <function> [baseline | relaxed | debug]");
  process.exit(2);
}

const functions = await namedFunctions(target);
const found = find([...functions.keys()]);
if (found === undefined) {
  const kernels = [...functions.keys()].filter((key) => !key.startsWith("assembly/index/")).sort();
  const near = kernels.filter((key) => key.toLowerCase().includes(name.toLowerCase()));
  console.error(
    `no function ${name} in the ${target} build: misspelt, or inlined into its caller. ${near.length > 0 ? "Near:" : "There are:"}`,
  );
  console.error((near.length > 0 ? near : kernels).map((key) => `  ${key}`).join("\n"));
  process.exit(1);
}
const text = functions.get(found) as string;
console.log(text);
console.log(`\n${found}, ${target}`);
innermostLoops(text).forEach((counts, i) => {
  const list = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  console.log(`  innermost loop ${i + 1}: ${list.join(", ")}`);
});

/** By its full name, or by the last part of it, f32 first. */
function find(names: string[]): string | undefined {
  const last = (key: string) => key.slice(key.lastIndexOf("/") + 1);
  return (
    names.find((key) => key === name || last(key) === name) ??
    names.find((key) => [`${name}<f32>`, `${name}<f32,f32>`].includes(last(key))) ??
    names.find((key) => last(key).startsWith(`${name}<`))
  );
}
