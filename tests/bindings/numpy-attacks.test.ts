/** Files of NumPy that say what is not so, or were changed inside. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { ArgumentError, FormatError, Generator, ShapeError } from "../../bindings/index.js";
import { readZip } from "../../bindings/io/zip.js";
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../../bindings/numpy.js";
import { expectRefusal } from "../helpers/refusal.js";
import { refusedSoon, survives } from "../helpers/survives.js";
import { sweep } from "../helpers/sweep.js";

const MUTATIONS = sweep(10_000);

const golden = JSON.parse(readFileSync(new URL("../golden/weights-files.json", import.meta.url), "utf8")) as { npz: { file: string } };
const fileOf = (text: string) => new Uint8Array(inflateSync(Buffer.from(text, "base64")));

describe("NumPy", () => {
  const npy = (header: string, data = new Uint8Array(8), version = 1) => {
    const text = Buffer.from(`${header}\n`);
    const length =
      version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, (text.length >> 8) & 255, text.length >> 16, 0];
    return Uint8Array.of(...Buffer.from("\x93NUMPY", "latin1"), version, 0, ...length, ...text, ...data);
  };
  const header = (shape: string, descr = "'<f4'") => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;

  test("headers that lie", () => {
    expect(loadNpy(npy(header("(2,)"))).data.length).toBe(2);
    const shapes = [
      "(3,)",
      "(1,)",
      "(9007199254740992, 0)",
      `(${"9007199254740991, ".repeat(3)}0)`,
      `(${"1, ".repeat(65)})`,
      "(-2,)",
      "(2.0,)",
      "(1 2,)",
      "2",
      "(,)",
      "(2",
    ];
    for (const shape of shapes) expectRefusal(() => loadNpy(npy(header(shape))), FormatError, "npy: ");
    for (const descr of ["'<f3'", "'<f16'", "'f4[2]'", "'4'", "''", "'<f4", "[('a', '<f4')]", "('<f4', (2,))", "'|V2'", "'<c8'"])
      expectRefusal(() => loadNpy(npy(header("(2,)", descr))), FormatError, "npy: ");
    for (const text of ["", "{}", "os.system('x')", "'".repeat(60_000), "'descr'   ".repeat(6000), `${"(".repeat(60_000)}`]) {
      refusedSoon(() => loadNpy(npy(text)), "npy: ");
    }
    expectRefusal(
      () => loadNpy(npy(`${header("(2,)")}${" ".repeat(70_000)}`, undefined, 2)),
      FormatError,
      "npy: expected a header of numbers",
    );
  });

  test(`members of an archive by chance otherwise, ${MUTATIONS} times, with checksums that are right`, () => {
    const files = Object.fromEntries([...readZip(fileOf(golden.npz.file), "npz")].map(([name, member]) => [name, member.read()]));
    const names = Object.keys(files);
    const random = new Generator(3);
    let read = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const name = names[random.integer(names.length)] as string;
      const member = (files[name] as Uint8Array).slice();
      for (let k = random.integer(3); k >= 0; k--) member[random.integer(member.length)] = random.integer(256);
      if (survives(() => loadNpz(zipSync({ ...files, [name]: member }, { level: 0 })), `${i}`)) read++;
    }
    expect(read).toBeGreaterThan(MUTATIONS / 10);
  });

  test("an archive that says more, or less, than it holds; the same name twice; other files", () => {
    const file = zipSync({ "a.npy": saveNpy({ shape: [1000], data: new Float32Array(1000) }) });
    const directory = Buffer.from(file).indexOf("PK\x01\x02");
    for (const size of [0, 100, 4127, 4129, 100_000_000]) {
      const lying = file.slice();
      new DataView(lying.buffer).setUint32(directory + 24, size, true);
      expectRefusal(() => loadNpz(lying), FormatError, "npz: ");
    }
    const two = zipSync(
      { "a.npy": saveNpy({ shape: [1], data: Float32Array.of(1) }), "b.npy": saveNpy({ shape: [1], data: Float32Array.of(2) }) },
      { level: 0 },
    );
    expectRefusal(
      () => loadNpz(two.map((byte, i) => (byte === 0x62 && two[i + 1] === 0x2e ? 0x61 : byte))),
      FormatError,
      "expected each name once",
    );
    expectRefusal(() => loadNpz(zipSync({ "a.txt": new Uint8Array(3) })), FormatError, "expected arrays alone");
  });

  test("what is saved is checked as it is by saveSafetensors, and named", () => {
    const x = { shape: [2], data: Float32Array.of(1, 2) };
    expect(loadNpz(saveNpz({ __metadata__: x })).__metadata__?.data).toEqual(x.data);
    expectRefusal(() => saveNpz({ x: { ...x, shape: [3] } }), ShapeError, "arrays.x");
    expectRefusal(() => saveNpz({ x: null as unknown as typeof x }), ArgumentError, "arrays.x");
    expectRefusal(() => saveNpz({ x: { shape: [2], data: [1, 2] as never } }), ArgumentError, "arrays.x");
    expectRefusal(() => saveNpz([x] as unknown as Record<string, typeof x>), ArgumentError, "arrays by name");
    expectRefusal(() => saveNpy(x, { type: "F16" } as never), ArgumentError, "only dtype");
  });

  test("bytes in shared memory, and a view of some of a buffer", () => {
    const file = saveNpz({ ü: { shape: [3], data: Int32Array.of(1, -2, 3) } });
    const shared = new Uint8Array(new SharedArrayBuffer(file.length + 7), 5, file.length);
    shared.set(file);
    expect(loadNpz(shared)).toEqual(loadNpz(file));
    const { buffer } = loadNpz(shared).ü?.data as Int32Array;
    expect(buffer).toBeInstanceOf(ArrayBuffer);
  });
});

test("half a character is no name: it would be another in the file", () => {
  const array = { shape: [1], data: Float32Array.of(1) };
  expect(() => saveNpz({ "\ud800": array })).toThrow("arrays: expected names of whole characters");
  expect(Object.keys(loadNpz(saveNpz({ "\ud83d\ude00": array, "": array })))).toEqual(["\ud83d\ude00", ""]);
});
