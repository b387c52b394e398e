/** What would harm the page: state that was damaged, numbers beyond all measure, files that are not what they say. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSequence } from "../../examples/playground/src/inside/sequence";
import { feedsOf, firstChoice } from "../../examples/playground/src/model/choice";
import { read } from "../../examples/playground/src/model/reading";
import { ran } from "../../examples/playground/src/model/running";
import { said } from "../../examples/playground/src/shared/errors";
import { tableOf } from "../../examples/playground/src/signals/csv";
import { decode } from "../../examples/playground/src/text/read";
import { onnxModel } from "../helpers/onnx.js";
import { launch, open } from "./page.js";

describe("input", () => {
  it("numbers whose squares are none are refused, or are gaps", () => {
    for (const text of ["1e308 1e308 -1e308", "1e200 2e200", "1e-320 2e-320"])
      expect(readSequence("numbers", text).problem).toMatch(/are read/);
    expect(readSequence("numbers", "1 2 0").problem).toBeUndefined();
    const { columns } = tableOf("t", `v\n${Array.from({ length: 20 }, (_, i) => i).join("\n")}\n1e300\n`);
    expect(columns[0]?.gaps).toBe(1);
  });

  it("zeros behind a mark of UTF-16 are no text", () => {
    expect(() => decode(Uint8Array.of(0xff, 0xfe, ...new Uint8Array(100)))).toThrow("no plain text");
    expect(decode(Uint8Array.of(0xff, 0xfe, 0x41, 0))).toBe("A");
  });

  it("a very long sequence is looked at as far as it is shown", () => {
    expect(readSequence("letters", "a".repeat(10_000_000)).labels).toHaveLength(100);
  });
});

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

it("a file that is dropped beside its place does not take the page's", async () => {
  await using opened = await open(browser, "model");
  const isRefused = await opened.page.getByRole("heading", { level: 1 }).evaluate((heading) =>
    ["dragover", "drop"].flatMap((type) =>
      [new File([""], "a.onnx"), "a text"].map((what) => {
        const dataTransfer = new DataTransfer();
        if (typeof what === "string") dataTransfer.setData("text/plain", what);
        else dataTransfer.items.add(what);
        const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
        heading.dispatchEvent(event);
        return event.defaultPrevented;
      }),
    ),
  );
  expect(isRefused).toEqual([true, false, true, false]);
});

describe("errors", () => {
  it("of the browser are said in plain words, ours as they are", () => {
    const named = (name: string, message: string) => Object.assign(new Error(message), { name }); // as comlink hands them over
    expect(said(named("NotFoundError", "A requested file or directory could not be found at the time …"))).toMatch(/may be a folder/);
    expect(said(new RangeError("Array buffer allocation failed"))).toBe("There was not enough memory for it.");
    expect(said(new RangeError("Maximum call stack size exceeded"))).toBe("It is nested too deeply.");
    expect(said(new TypeError("Failed to fetch dynamically imported module: http://x/y.js"))).toMatch(/server/);
    expect(said(named("ShapeError", "x: expected memory\nmore"))).toBe("x: expected memory");
    expect(said(new Error("a\u202eb\u0000c"))).toBe("a·b·c");
  });
});

/** A file of ONNX, run on what it is filled with at first. */
async function firstRun(bytes: Uint8Array<ArrayBuffer>) {
  const { rt, opened, session } = await read([{ name: "a.onnx", bytes }]);
  using own = rt;
  if (!session || !opened.network) throw new Error(String(opened.faults));
  return ran(own, await session(), feedsOf(opened.network, firstChoice("a.onnx", opened.network)));
}

describe("a network", () => {
  it("runs whose input is named as what all objects inherit", async () => {
    const bytes = onnxModel({
      inputs: [["__proto__", "float32", [2]]],
      outputs: [["y", "float32"]],
      nodes: [["Abs", ["__proto__"], ["y"]]],
    });
    const { outputs } = await firstRun(new Uint8Array(bytes));
    expect(outputs[0]?.shape).toEqual([2]);
    expect(outputs[0]?.least).toBeGreaterThan(0);
  });

  it("of very many outputs shows some, and says how many there are", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `y${i}`);
    const bytes = onnxModel({
      inputs: [["x", "float32", [1]]],
      outputs: names.map((name) => [name, "float32"] as const),
      nodes: names.map((name) => ["Relu", ["x"], [name]] as const),
    });
    const { outputs, outputCount } = await firstRun(new Uint8Array(bytes));
    expect([outputs.length, outputCount]).toEqual([20, 300]);
  });
});

describe("what was kept", () => {
  it("is kept on where the browser has closed the store without a word", async () => {
    await using opened = await open(browser, "model");
    const { page } = opened;
    await page.addInitScript(() => {
      const { open: own } = IDBFactory.prototype;
      IDBFactory.prototype.open = function (...request) {
        const opening = own.apply(this, request);
        opening.addEventListener("success", () => addEventListener("close-store", () => opening.result.close()));
        return opening;
      };
    });
    await page.reload();
    await page.getByText("wave.onnx: ONNX").waitFor();
    await page.evaluate(() => dispatchEvent(new Event("close-store")));
    await page.getByLabel("T", { exact: true }).fill("7");
    await page.waitForTimeout(300); // what is written is written
    await page.reload();
    await page.getByText("wave.onnx: ONNX").waitFor();
    expect(await page.getByLabel("T", { exact: true }).inputValue()).toBe("7");
  });

  it("where it is damaged the tab begins anew, or says so, and can forget it", async () => {
    await using opened = await open(browser, "signals");
    const { page } = opened;
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open("wasm-rnn-playground");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const change = database.transaction("kept", "readwrite");
      change.objectStore("kept").put({ lesson: "bogus" }, "inside");
      change.objectStore("kept").put({ target: "temp_max", inputs: [], passes: 5 }, "signals.choice");
      change.commit();
      await new Promise((resolve) => {
        change.oncomplete = resolve;
      });
      database.close();
    });
    await page.goto("about:blank");
    await page.goBack();
    await page.getByText("This part of the page cannot be shown").waitFor();
    await page.getByRole("link", { name: "Inside the cell" }).click();
    await page.getByText("27 steps.").waitFor(); // of the sequence that the tab begins with
    await page.getByRole("link", { name: "Signals" }).click();
    await page.getByText("This part of the page cannot be shown").waitFor();
    await page.getByRole("button", { name: "Forget all that this page has kept" }).click();
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.getByText("This part of the page cannot be shown").waitFor({ state: "detached" });
  });
});

describe("Your model", () => {
  it("stands neither thousands of inputs nor very many numbers still, and ends with the tab", { timeout: 30_000 }, async () => {
    await using browser = await launch();
    await using opened = await open(browser, "model");
    const { page, complaints } = opened;
    await page.getByText("wave.onnx: ONNX").waitFor();
    const inputs = Array.from({ length: 1000 }, (_, i) => [`x${i}`, "float32", [`d${i}`]] as const);
    const bytes = onnxModel({ inputs, outputs: [["y", "float32"]], nodes: [["Relu", ["x0"], ["y"]]] });
    const choose = page.locator('main input[type="file"]').first();
    await choose.setInputFiles({ name: "wide.onnx", mimeType: "", buffer: Buffer.from(bytes) });
    await page.getByText("There are fields for the first 40 of 1,000 inputs").waitFor();
    expect(await page.locator(".model-input").count()).toBe(40);
    await page.locator(".model-input select").first().selectOption("numbers");
    const numbers = Buffer.from("1\n".repeat(300_000));
    await page.locator('.model-input input[type="file"]').setInputFiles({ name: "n.csv", mimeType: "text/csv", buffer: numbers });
    await page.getByText("600,000 characters").waitFor();
    await page.evaluate(() => {
      [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Try it with this one")?.click();
      location.hash = "speed";
    });
    await page.getByText("wide.onnx").first().waitFor({ state: "detached" });
    await page.waitForTimeout(500);
    expect([complaints, page.workers().filter((worker) => worker.url().includes("model.worker")).length]).toEqual([[], 0]);
  });
});
