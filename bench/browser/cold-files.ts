/** What the two pages of a cold start consist of: each bundled by esbuild as its user would, with the same LSTM in its own format. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { createRuntime, LSTM, Sequential } from "wasm-rnn";
import type { Size, Weights } from "../vs/contender.js";
import type { ServedFile } from "./cold-server.js";

const PEERS = fileURLToPath(new URL("../vs", import.meta.url));
const WASM = join(PEERS, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");

export const onnxIsInstalled = existsSync(WASM);

/** Begins every page: fetches the model while the rest is loaded, which the page's head has asked for already, and reports. */
const COMMON = `
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const report = (output) => fetch("/report", { method: "POST", body: JSON.stringify({ ms: performance.now(), output: Array.from(output) }) });`;

function ourPage({ T, I }: Size): string {
  return `
    import { createRuntime, loadModel } from "wasm-rnn";
    ${COMMON}
    const [rt, model, x] = await Promise.all([createRuntime(), bytes("lstm.safetensors"), bytes("x.bin")]);
    report(loadModel(rt, model).forward(rt.tensor(new Float32Array(x.buffer), [${T}, 1, ${I}])).data);`;
}

/** Its smallest entry, which has the Wasm backend alone. */
function onnxPage({ T, I, H }: Size): string {
  return `
    import * as ort from "onnxruntime-web/wasm";
    ${COMMON}
    ort.env.wasm.numThreads = 1;
    const [session, x] = await Promise.all([bytes("lstm.onnx").then((model) => ort.InferenceSession.create(model)), bytes("x.bin")]);
    const zeros = () => new ort.Tensor("float32", new Float32Array(${H}), [1, 1, ${H}]);
    const X = new ort.Tensor("float32", new Float32Array(x.buffer), [${T}, 1, ${I}]);
    report((await session.run({ X, h0: zeros(), c0: zeros() })).Y.data);`;
}

/** What a page costs in any case: the same files, and no network. */
const EMPTY_PAGE = `
  ${COMMON}
  await Promise.all([bytes("lstm.safetensors"), bytes("x.bin")]);
  report([]);`;

/** @returns files by path: /wasm-rnn/…, /empty/…, and /onnxruntime-web/… where it is installed */
export async function coldFiles(size: Size, weights: Weights, x: Float32Array): Promise<Map<string, ServedFile>> {
  const binary = (body: Uint8Array): ServedFile => ({ type: "application/octet-stream", body });
  const [input, model] = [binary(new Uint8Array(x.buffer)), binary(await modelFile(size, weights))];
  const own = { "lstm.safetensors": model, "x.bin": input };
  const pages = [
    pageOf({ name: "wasm-rnn", contents: ourPage(size), from: process.cwd(), files: own }),
    pageOf({ name: "empty", contents: EMPTY_PAGE, from: process.cwd(), files: own }),
  ];
  if (onnxIsInstalled) {
    const { onnxModel } = await import("../vs/onnx.js"); // it needs what is installed there
    const wasm = { type: "application/wasm", body: readFileSync(WASM) };
    const files = { "lstm.onnx": binary(onnxModel("lstm", size, weights)), "x.bin": input, [basename(WASM)]: wasm };
    pages.push(pageOf({ name: "onnxruntime-web", contents: onnxPage(size), from: PEERS, files }));
  }
  return new Map((await Promise.all(pages)).flat());
}

interface PageParts {
  readonly name: string;
  readonly contents: string;
  /** Where its packages are. */
  readonly from: string;
  /** What it fetches. */
  readonly files: Readonly<Record<string, ServedFile>>;
}

/** Of the modules that are loaded on demand, the one that this browser will want. */
const WANTED = /^relaxed-f32-/;

/** A page, whose head asks for all that it will need, so that nothing waits for what asks for it. */
async function pageOf({ name, contents, from, files }: PageParts): Promise<[string, ServedFile][]> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: from, sourcefile: "page.js" },
    ...{ bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", outdir: "out", entryNames: "page" },
    ...{ write: false, logLevel: "error" },
  });
  const scripts = outputFiles.map(({ path, contents: body }) => [basename(path), { type: "text/javascript", body }] as const);
  const modules = scripts.map(([file]) => file).filter((file) => WANTED.test(file));
  const head = [
    ...["page.js", ...modules].map((file) => `<link rel="modulepreload" href="${file}">`),
    ...Object.keys(files).map((file) => `<link rel="preload" href="${file}" as="fetch" crossorigin>`),
  ];
  const html = `<!doctype html><link rel="icon" href="data:,"><title>${name}</title>${head.join("")}<script type="module" src="page.js"></script>`;
  const index = { type: "text/html", body: new TextEncoder().encode(html) };
  return [["index.html", index] as const, ...scripts, ...Object.entries(files)].map(([file, served]) => [`/${name}/${file}`, served]);
}

/** As `save()` writes it. */
async function modelFile({ I, H }: Size, weights: Weights): Promise<Uint8Array> {
  using rt = await createRuntime();
  const lstm = new LSTM(rt, { inputSize: I, hiddenSize: H });
  for (const [i, parameter] of lstm.parameters().entries())
    parameter.set(Float32Array.from([weights.wih, weights.whh, weights.bih, weights.bhh][i] ?? []));
  return new Sequential(rt, { lstm }).save();
}
