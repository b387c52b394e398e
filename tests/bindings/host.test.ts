/** What hosts lack: the same results without. tests/hosts runs the real ones. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { charactersOf } from "../../bindings/host.js";
import { createRuntime, createRuntimeSync, FormatError, loadBinary, loadSafetensors, saveSafetensors } from "../../bindings/index.js";
import { packCheckpoint, unpackCheckpoint } from "../../bindings/io/checkpoint.js";
import { unpack } from "../../bindings/unpack.js";

afterEach(() => void vi.unstubAllGlobals());

const NAMES = ["häuser", "🏠", "\ud83c", "\u0000\u007f\u0080\u07ff\u0800\uffff", "%41"];
const tensors = Object.fromEntries(NAMES.map((name, i) => [name, { shape: [2], data: Float32Array.of(i, i / 2) }]));

function withoutCodecs(): void {
  vi.stubGlobal("TextEncoder", undefined);
  vi.stubGlobal("TextDecoder", undefined);
}

test("a byte is the character of its number: a TextDecoder of latin1 gives windows-1252, in Node since 24", () => {
  const bytes = Uint8Array.from({ length: 2 ** 16 }, (_, i) => i);
  const text = charactersOf(bytes);
  expect(text.length).toBe(bytes.length);
  for (let i = 0; i < bytes.length; i++) if (text.charCodeAt(i) !== i % 256) expect.fail(`byte ${i}: ${text.charCodeAt(i)}`);
});

describe("without text codecs", () => {
  test("a file has the same bytes, and gives the same names", async () => {
    const file = saveSafetensors(tensors, { ü: "é" });
    const checkpoint = await packCheckpoint(tensors, { ü: [1, Number.NaN] }, {}, () => undefined);
    withoutCodecs();
    expect(saveSafetensors(tensors, { ü: "é" })).toEqual(file);
    expect(Object.keys(loadSafetensors(file).tensors)).toEqual(NAMES);
    expect(loadSafetensors(file).metadata).toEqual({ ü: "é" });
    expect(await packCheckpoint(tensors, { ü: [1, Number.NaN] }, {}, () => undefined)).toEqual(checkpoint);
    expect(unpackCheckpoint(checkpoint).details).toEqual({ ü: [1, Number.NaN] });
  });

  test.each([
    ["a lone continuation", [0x80]],
    ["a letter in two bytes that has one", [0xc1, 0x81]],
    ["half of a pair", [0xed, 0xa0, 0x80]],
    ["an end in between", [0xe2, 0x82]],
  ])("what is no UTF-8 is refused: %s", (_, bytes) => {
    const json = Uint8Array.of(...Buffer.from('{"'), ...bytes, ...Buffer.from('":1}'));
    const file = Uint8Array.of(json.length, 0, 0, 0, 0, 0, 0, 0, ...json);
    const words = "expected a JSON header, got text that does not parse";
    expect(() => loadSafetensors(file)).toThrow(words);
    withoutCodecs();
    expect(() => loadSafetensors(file)).toThrow(words);
    expect(() => loadSafetensors(file)).toThrow(FormatError);
  });
});

describe("what it cannot do without is named", () => {
  test("WebAssembly", async () => {
    const binary = await loadBinary();
    vi.stubGlobal("WebAssembly", undefined);
    const words = "build: expected a host with WebAssembly, got one without";
    for (const call of [() => createRuntime(), () => loadBinary(), async () => createRuntimeSync(binary)]) {
      await expect(call()).rejects.toThrow(words);
      await expect(call()).rejects.toThrow(FormatError);
    }
  });

  test.each(["atob", "DecompressionStream"])("%s", async (name) => {
    vi.stubGlobal("process", undefined); // with its zlib
    vi.stubGlobal(name, undefined);
    await expect(unpack("AAA=")).rejects.toThrow(`build: expected a host with ${name}, got one without: pass { module }, or bytes`);
  });
});
