/** What the two pages of a cold start consist of: each bundled by esbuild as its user would, with the same LSTM in its own format. */
import { existsSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { saveSafetensors } from "wasm-rnn";
import type { Size, Weights } from "../vs/contender.js";
import type { ServedFile } from "./cold-server.js";

const PEERS = fileURLToPath(new URL("../vs", import.meta.url));
const WASM = join(PEERS, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");
const TYPES: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm" };

export const onnxIsInstalled = existsSync(WASM);

/** Begins every page: fetches the model while the rest is loaded, and reports. */
const COMMON = `
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const report = (output) => fetch("/report", { method: "POST", body: JSON.stringify({ ms: performance.now(), output: Array.from(output) }) });`;

function ourPage({ T, I, H }: Size): string {
  return `
    import { createRuntime, loadSafetensors, LSTM } from "wasm-rnn";
    ${COMMON}
    const [rt, model, x] = await Promise.all([createRuntime(), bytes("lstm.safetensors"), bytes("x.bin")]);
    const lstm = new LSTM(rt, { inputSize: ${I}, hiddenSize: ${H} });
    const { tensors } = loadSafetensors(model);
    for (const parameter of lstm.parameters()) parameter.set(tensors[parameter.name].data);
    report(lstm.forward(rt.tensor(new Float32Array(x.buffer), [${T}, 1, ${I}])).output.data);`;
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
  const input = { type: "application/octet-stream", body: new Uint8Array(x.buffer) };
  const files = new Map<string, ServedFile>();
  await addPage(files, "wasm-rnn", ourPage(size), process.cwd());
  await addPage(files, "empty", EMPTY_PAGE, process.cwd());
  for (const name of ["wasm-rnn", "empty"]) {
    files.set(`/${name}/lstm.safetensors`, { ...input, body: safetensors(size, weights) });
    files.set(`/${name}/x.bin`, input);
  }
  if (!onnxIsInstalled) return files;
  const { onnxModel } = await import("../vs/onnx.js"); // it needs what is installed there
  await addPage(files, "onnxruntime-web", onnxPage(size), PEERS);
  files.set("/onnxruntime-web/lstm.onnx", { ...input, body: onnxModel("lstm", size, weights) });
  files.set("/onnxruntime-web/x.bin", input);
  files.set(`/onnxruntime-web/${basename(WASM)}`, { type: "application/wasm", body: readFileSync(WASM) });
  return files;
}

async function addPage(files: Map<string, ServedFile>, name: string, contents: string, resolveDir: string): Promise<void> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir, sourcefile: "page.js" },
    ...{ bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", outdir: "out", entryNames: "page" },
    ...{ write: false, logLevel: "error" },
  });
  for (const { path, contents: body } of outputFiles)
    files.set(`/${name}/${basename(path)}`, { type: TYPES[extname(path)] ?? "application/octet-stream", body });
  const html = `<!doctype html><link rel="icon" href="data:,"><title>${name}</title><script type="module" src="page.js"></script>`;
  files.set(`/${name}/index.html`, { type: "text/html", body: new TextEncoder().encode(html) });
}

function safetensors({ I, H }: Size, { wih, whh, bih, bhh }: Weights): Uint8Array {
  const named = (data: Float32Array, ...shape: number[]) => ({ data: Float32Array.from(data), shape });
  return saveSafetensors({
    weight_ih_l0: named(wih, 4 * H, I),
    weight_hh_l0: named(whh, 4 * H, H),
    bias_ih_l0: named(bih, 4 * H),
    bias_hh_l0: named(bhh, 4 * H),
  });
}
