/** What would harm the page: state that was damaged, numbers beyond all measure, files that are not what they say. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSequence } from "../../examples/playground/src/inside/sequence";
import { tableOf } from "../../examples/playground/src/signals/csv";
import { decode } from "../../examples/playground/src/text/read";
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

  it.each(["inside", "signals.choice"])("where %s is damaged the tab says so, and can forget it", async (key) => {
    const tab = key.split(".")[0] as string;
    await using opened = await open(browser, tab);
    const { page } = opened;
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.evaluate(async (key) => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open("wasm-rnn-playground");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const change = database.transaction("kept", "readwrite");
      change.objectStore("kept").put({ lesson: "bogus", target: "temp_max", inputs: [], passes: 5 }, key);
      change.commit();
      await new Promise((resolve) => {
        change.oncomplete = resolve;
      });
      database.close();
    }, key);
    await page.goto("about:blank");
    await page.goBack();
    await page.getByText("This part of the page cannot be shown").waitFor();
    await page.getByRole("button", { name: "Forget all that this page has kept" }).click();
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.getByText("This part of the page cannot be shown").waitFor({ state: "detached" });
  });
});
