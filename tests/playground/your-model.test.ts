/** The tab "Your model": files in, what is said of them, and Node's numbers out of the networks that run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Dense, LSTM, Sequential, saveSafetensors } from "wasm-rnn";
import { exportOnnx, loadOnnx } from "wasm-rnn/onnx";
import { numbersIn } from "../../examples/playground/src/model/filling.js";
import { coursesOf } from "../../examples/playground/src/model/lines.js";
import { onnxModel } from "../helpers/onnx.js";
import { launch, type Opened, open } from "./page.js";
import { scrollsSideways, seriousFaults } from "./trained.js";

const golden = JSON.parse(readFileSync(new URL("../golden/weights-files.json", import.meta.url), "utf8"));
const [keras] = JSON.parse(readFileSync(new URL("../golden/keras-files.json", import.meta.url), "utf8")).cases;
const X = Float32Array.from({ length: 6 * 3 }, (_, i) => Math.fround(Math.sin(i)));

let browser: Browser;
let folder: string;
let expected: number[];
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "your-model-"));
  using rt = await createRuntime({ seed: 3 });
  const model = new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 5 }),
    head: new Dense(rt, { inputSize: 5, outputSize: 2 }),
  });
  const bytes = exportOnnx(model);
  writeFileSync(at("tagger.onnx"), bytes);
  writeFileSync(at("model.safetensors"), model.save());
  using session = await loadOnnx(rt, bytes);
  expected = [...((await session.run({ x: rt.tensor(X, [6, 1, 3]) })).y?.toArray() ?? [])];
  writeFileSync(at("layers.pt"), inflateSync(Buffer.from(golden.torch["layers zip"].file, "base64")));
  writeFileSync(at("layers.keras"), inflateSync(Buffer.from(keras.file, "base64")));
  writeFileSync(at("arrays.safetensors"), saveSafetensors({ first: { shape: [2, 3], data: new Float32Array(6) } }, { trained: "by hand" }));
  const strange = [["Relu", ["x"], ["a"]] as const, ["Levitate", ["a"], ["y"]] as const];
  writeFileSync(at("strange.onnx"), onnxModel({ inputs: [["x", "float32", [1]]], outputs: [["y", "float32"]], nodes: strange }));
  const nodes = Array.from({ length: 500 }, (_, i) => ["Relu", [i === 0 ? "x" : `v${i - 1}`], [i === 499 ? "y" : `v${i}`]] as const);
  writeFileSync(at("long.onnx"), onnxModel({ inputs: [["x", "float32", [4]]], outputs: [["y", "float32"]], nodes }));
  const relu = ["Relu", ["x"], ["y"]] as const;
  writeFileSync(at("double.onnx"), onnxModel({ inputs: [["x", "float64", [2]]], outputs: [["y", "float64"]], nodes: [relu] }));
  writeFileSync(at("truncated.onnx"), bytes.subarray(0, bytes.length / 2));
  writeFileSync(at("text.onnx"), "Call me Ishmael. Some years ago");
  writeFileSync(at("page.onnx"), "<!doctype html><title>Not found</title>");
  writeFileSync(at("empty.onnx"), "");
  writeFileSync(at("misnamed.onnx"), readFileSync(at("layers.pt")));
  writeFileSync(at("model.json"), '{"format":"layers-model"}');
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function choose(page: Page, ...names: string[]): Promise<void> {
  await page.locator('main input[type="file"]').first().setInputFiles(names.map(at));
}

async function openWith(name: string, options = {}): Promise<Opened> {
  const opened = await open(browser, "model", options);
  await opened.page.getByText("wave.onnx: ONNX").waitFor();
  await chooseNext(opened.page, name);
  return opened;
}

async function chooseNext(page: Page, name: string): Promise<void> {
  await choose(page, name);
  await page.getByText(`${name}: `).first().waitFor();
}

const table = (page: Page, name: string) => page.getByRole("region", { name });

/** The figures of an output's table, row by row. */
async function valuesOf(page: Page, name: string): Promise<number[]> {
  const cells = table(page, `Values of ${name}, a table`).locator("td");
  return (await cells.allTextContents()).filter(Boolean).map(Number);
}

async function run(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("status").filter({ hasText: "a run" }).waitFor();
}

describe("the tab Your model", () => {
  it("has a network of its own to begin with, which runs", async () => {
    await using opened = await open(browser, "model");
    const { page, complaints } = opened;
    await page.getByText("All of it runs here.").waitFor();
    await run(page);
    await page.getByRole("region", { name: "Output y" }).getByText("40 numbers").waitFor();
    await page.getByRole("region", { name: "The graph, drawn" }).getByText("→ [1, 40, 1]").waitFor();
    expect(complaints).toEqual([]);
  });

  it("runs a network of exportOnnx on numbers that are pasted, and gives Node's", async () => {
    await using opened = await openWith("tagger.onnx");
    const { page, complaints } = opened;
    await page.getByText("All of it runs here.").waitFor();
    await page.getByLabel("T", { exact: true }).fill("6");
    await page.getByLabel("N", { exact: true }).fill("1");
    await page.getByRole("combobox", { name: /^x/ }).selectOption("numbers");
    await page
      .getByLabel(/^Numbers for x/)
      .fill(`a,b,c\n${Array.from({ length: 6 }, (_, t) => X.subarray(3 * t, 3 * t + 3).join(",")).join("\n")}`);
    await run(page);
    const values = await valuesOf(page, "y");
    expect(values.length).toBe(12);
    for (const [i, value] of values.entries()) expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-5);
    await page.getByLabel(/^Numbers for x/).fill("1 2 3");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "x: [6, 1, 3] takes 18 numbers, and there are 3." }).waitFor();
    await page.getByRole("region", { name: "Parameters, a table" }).getByText("[1, 20, 3]").waitFor();
    expect(complaints).toEqual([]);
  });

  it("runs a model of Keras, and gives Keras' numbers", async () => {
    await using opened = await openWith("layers.keras");
    const { page, complaints } = opened;
    await page.getByText("layers.keras: Keras, a model of").waitFor();
    await page.getByLabel("T", { exact: true }).fill("4");
    await page.getByLabel("N", { exact: true }).fill("2");
    await page.getByRole("combobox", { name: /^x/ }).selectOption("numbers");
    await page.getByLabel(/^Numbers for x/).fill(keras.x.join(" "));
    await run(page);
    const values = await valuesOf(page, "y");
    expect(values.length).toBe(keras.output.length);
    for (const [i, value] of values.entries()) expect(Math.abs(value - keras.output[i])).toBeLessThan(1e-5);
    expect(complaints).toEqual([]);
  });

  it("can be stopped, and takes the next file", async () => {
    await using opened = await openWith("tagger.onnx");
    const { page, complaints } = opened;
    await page.getByLabel("T", { exact: true }).fill("1000000");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "It could not be run. It was stopped." }).waitFor();
    await page.getByText("tagger.onnx: ONNX").waitFor();
    expect(await page.getByLabel("T", { exact: true }).inputValue()).toBe("1000000");
    await page.getByLabel("T", { exact: true }).fill("6");
    await run(page);
    await choose(page, "strange.onnx");
    await page.getByText("It does not run here").waitFor();
    expect(complaints).toEqual([]);
  });

  it("runs a network of doubles in doubles, and a model of ours", async () => {
    await using opened = await openWith("double.onnx");
    const { page, complaints } = opened;
    await page.getByRole("combobox", { name: /^x/ }).selectOption("numbers");
    await page.getByLabel(/^Numbers for x/).fill("1.0000000001 -2");
    await run(page);
    await page.getByRole("region", { name: "Output y" }).getByText("y float64 [2]").waitFor();
    expect(await valuesOf(page, "y")).toEqual([1, 0]);
    await chooseNext(page, "model.safetensors");
    await page.getByText("All of it runs here.").waitFor();
    await page.getByRole("region", { name: "Parameters, a table" }).getByText("lstm.weight_ih_l0").waitFor();
    await run(page);
    expect(complaints).toEqual([]);
  });

  it("shows the table of weights, and how they are loaded; goes by what is in a file where its name says otherwise", async () => {
    await using opened = await openWith("tagger.onnx");
    const { page, complaints } = opened;
    for (const [name, format, array, dtype, shape] of [
      ["layers.pt", "PyTorch", "lstm.weight_hh_l0", "f64", "[12, 3]"],
      ["arrays.safetensors", "safetensors", "first", "F32", "[2, 3]"],
    ] as const) {
      await chooseNext(page, name);
      await page.getByText(`${name}: ${format}, weights`).waitFor();
      const row = page.getByRole("row").filter({ hasText: array }).first();
      expect(await row.locator("td").allTextContents()).toEqual([dtype, shape, expect.any(String)]);
      await page.getByText("These are weights alone").waitFor();
      await page.getByText("model.loadStateDict(").waitFor();
      const link = page.getByRole("link", { name: "Bring your weights" });
      expect((await page.request.get(new URL((await link.getAttribute("href")) ?? "", page.url()).href)).status()).toBe(200);
    }
    await chooseNext(page, "misnamed.onnx");
    await page.getByText("it is a file of PyTorch: it is read as that").waitFor();
    await chooseNext(page, "model.json");
    await page.getByText("model.json: TensorFlow.js").waitFor();
    await page.getByText("It does not run here").waitFor();
    expect(complaints).toEqual([]);
  });

  it("tells an operator that it does not know by its name, and draws the first of very many nodes, and more", async () => {
    await using opened = await openWith("strange.onnx");
    const { page, complaints } = opened;
    await page.getByText("It does not run here").waitFor();
    expect(await page.locator(".model-verdict li").allTextContents()).toEqual(["y (Levitate): this operator is not known here"]);
    await page.getByRole("region", { name: "The graph, drawn" }).getByText("✕ Levitate").waitFor();
    expect(await page.getByRole("button", { name: "Run", exact: true }).count()).toBe(0);
    await chooseNext(page, "long.onnx");
    await page.getByText("The first 60 of 500 nodes are drawn.").waitFor();
    await page.getByRole("button", { name: "Draw 120 more" }).click();
    await page.getByText("The first 180 of 500 nodes are drawn.").waitFor();
    expect(await page.locator(".model-node.other").count()).toBe(180);
    expect(complaints).toEqual([]);
  });

  it("says in plain words what is wrong with a file, and goes on", async () => {
    await using opened = await openWith("tagger.onnx");
    const { page, complaints } = opened;
    for (const [name, words] of [
      ["truncated.onnx", /onnx: expected a message within the file's \d+ bytes, .*It may have been cut short/],
      ["text.onnx", /expected a file of safetensors, NumPy, PyTorch, Keras, TensorFlow.js or ONNX, got none of these/],
      ["page.onnx", /got a page of HTML or XML: download the file itself/],
      ["empty.onnx", /The file is empty\./],
    ] as const) {
      await choose(page, name);
      await page.getByRole("alert").filter({ hasText: words }).waitFor();
      await chooseNext(page, "tagger.onnx");
      await page.getByText("All of it runs here.").waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
    }
    expect(complaints).toEqual([]);
  });

  it("keeps the file and how its inputs are filled over a reload", async () => {
    await using opened = await openWith("tagger.onnx");
    const { page } = opened;
    await page.getByLabel("T", { exact: true }).fill("7");
    await page.getByRole("combobox", { name: /^x/ }).selectOption("wave");
    await page.waitForTimeout(300); // what is written is written
    await page.reload();
    await page.getByText("tagger.onnx: ONNX").waitFor();
    expect(await page.getByLabel("T", { exact: true }).inputValue()).toBe("7");
    expect(await page.getByRole("combobox", { name: /^x/ }).inputValue()).toBe("wave");
  });

  it("holds as much after ten files and ten runs as after one", async () => {
    await using opened = await openWith("tagger.onnx");
    const { page } = opened;
    const workers = () => page.workers().filter((worker) => worker.url().includes("model.worker")).length;
    const held = async () => {
      await run(page);
      return (await page.getByText(/The network holds/).textContent())?.match(/holds (.*) of memory/)?.[1];
    };
    const first = await held();
    expect(first).toMatch(/kB$/);
    for (let i = 0; i < 10; i++) expect(await held()).toBe(first);
    for (let i = 0; i < 10; i++) {
      await choose(page, i % 2 === 0 ? "truncated.onnx" : "long.onnx");
      await (i % 2 === 0 ? page.getByRole("alert").waitFor() : page.getByText("The first 60 of 500").waitFor());
      await expect.poll(workers).toBe(1);
    }
    await choose(page, "tagger.onnx");
    await page.getByText("All of it runs here.").waitFor();
    expect(await held()).toBe(first);
    await expect.poll(workers).toBe(1);
  });

  it("is usable by all in both schemes, narrow, too", async () => {
    await using opened = await openWith("tagger.onnx", { viewport: { width: 375, height: 800 } });
    const { page } = opened;
    const faults = async () => {
      const found: string[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await seriousFaults(page)));
      }
      return found;
    };
    await run(page);
    for (const summary of await page.locator("main summary").all()) await summary.click();
    expect(await faults()).toEqual([]);
    await expect.poll(() => scrollsSideways(page)).toBe(false);
    await chooseNext(page, "strange.onnx");
    await page.getByText("It does not run here").waitFor();
    expect(await faults()).toEqual([]);
    await chooseNext(page, "layers.pt");
    await page.getByText("These are weights alone").waitFor();
    expect(await faults()).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
  });
});

describe("numbers", () => {
  it("are read of lists, tables and JSON", () => {
    expect(numbersIn("1, 2;3\n[4 -5e-1]")).toEqual([1, 2, 3, 4, -0.5]);
    expect(numbersIn("a,b\n1,2\n")).toEqual([1, 2]);
    expect(() => numbersIn("1\ntwo")).toThrow("“two” is no number.");
  });

  it("are a line where there is time", () => {
    expect(coursesOf({ shape: [1, 4, 2], data: Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7) })).toEqual([
      { label: "feature 0", values: [0, 2, 4, 6] },
      { label: "feature 1", values: [1, 3, 5, 7] },
    ]);
    expect(coursesOf({ shape: [5, 1, 1, 1], data: Float64Array.of(1, 2, 3, 4, 5) })?.map(({ values }) => values)).toEqual([
      [1, 2, 3, 4, 5],
    ]);
    expect(coursesOf({ shape: [1, 2], data: Float64Array.of(1, 2) })).toBeUndefined();
  });
});
