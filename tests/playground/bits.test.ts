/**
 * A model of the page in Node, and one of Node in the page, bit for bit on the baseline. The browser is one of a processor without fused operations:
 * there the build that the page takes computes what the baseline does.
 */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createRuntime,
  Dense,
  Embedding,
  Generator,
  generate,
  LSTM,
  loadModel,
  loadSafetensors,
  loadScaler,
  type Prediction,
  predict,
  Sequential,
} from "../../bindings/index.js";
import { launch, open } from "./page.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launch(["--js-flags=--no-enable-fma3"]);
});
afterAll(() => browser.close());

async function fileOf(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFileSync(await download.path());
}

test("what the page has learned forecasts the same numbers in Node", async () => {
  await using opened = await open(browser, "signals");
  const { page } = opened;
  const random = new Generator(3);
  const values = Array.from({ length: 300 }, (_, t) => Math.sin(t / 3) + 0.1 * random.normal());
  await page.getByRole("heading", { name: "2." }).waitFor();
  const buffer = Buffer.from(["t,value", ...values.map((value, t) => `${t},${value}`)].join("\n"));
  await page.locator("input[type=file]").setInputFiles({ name: "sine.csv", mimeType: "text/csv", buffer });
  await page.getByText("sine.csv: 300 rows").waitFor();
  await page.getByLabel("Passes at most").fill("4");
  await page.getByRole("button", { name: "Train" }).click();
  await page.getByRole("heading", { name: "4." }).waitFor();
  const rows = (await fileOf(page, "Download the forecasts")).toString().trim().split("\n").slice(1);
  const bytes = await fileOf(page, "Download the model");

  using rt = await createRuntime({ build: "baseline" });
  const scaler = loadScaler(bytes, "scaler");
  const model = loadModel(rt, bytes);
  const seen = rows.map((_, i) => scaler.transform(values.slice(255 - 14 + i, 255 + i)));
  const forecasts = (await predict(model, seen, { targetScaler: scaler })) as Prediction[];
  expect(rows).toHaveLength(46);
  expect(forecasts.map(({ data }) => data[0])).toEqual(rows.map((row) => Number(row.split(",")[2])));
  const again = loadSafetensors(model.save()).tensors;
  for (const [name, { data }] of Object.entries(loadSafetensors(bytes).tensors)) {
    if (again[name]) expect(again[name].data, name).toEqual(data);
  }
});

test("a network made in Node writes the same in the page", async () => {
  using rt = await createRuntime({ build: "baseline", seed: 5 });
  const vocabulary = ["\ufffd", "\n", " ", ..."abcdefghijklmnopqrstuvwxyz"];
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: vocabulary.length, embeddingDim: 32 }),
    recurrent: new LSTM(rt, { inputSize: 32, hiddenSize: 64 }),
    head: new Dense(rt, { inputSize: 64, outputSize: vocabulary.length }),
  });
  for (const parameter of model.parameters()) parameter.set(parameter.toArray().map((value) => 4 * value)); // lively: no short cycle
  const bytes = model.save({ vocabulary: JSON.stringify(vocabulary), cell: "LSTM", units: "64", text: "none" });
  const prompt = Int32Array.from("once", (letter) => vocabulary.indexOf(letter));
  const tokens = generate(model, prompt, { length: 400, temperature: 0 });
  const written = Array.from(tokens, (token) => vocabulary[token]).join("");
  expect(new Set(written).size).toBeGreaterThan(5);

  await using opened = await open(browser, "text");
  const { page } = opened;
  await page.getByText("different ones").waitFor();
  const input = page.locator('input[type=file][aria-label="Choose a saved network"]');
  await input.setInputFiles({ name: "node.safetensors", mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
  await page.getByText("node.safetensors writes: LSTM of 64 units.").waitFor();
  await page.getByLabel("Begins with").fill("once");
  await page.getByLabel(/^Temperature/).fill("0");
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await page.getByText("Written: 400 characters.").waitFor();
  expect(await page.getByRole("region", { name: "What it wrote" }).textContent()).toBe(`once${written}`);
});
