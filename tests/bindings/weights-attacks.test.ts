/** Files of PyTorch that bring in what is no weights, that were changed inside, or that say what is not so. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { Generator } from "../../bindings/index.js";
import { readZip } from "../../bindings/io/zip.js";
import { saveNpy } from "../../bindings/numpy.js";
import { loadPyTorch } from "../../bindings/pytorch.js";
import { legacy, numbers, op, program, storage, tensor } from "../helpers/pickles.js";
import { refusedSoon, survives } from "../helpers/survives.js";
import { sweep } from "../helpers/sweep.js";

const MUTATIONS = sweep(10_000);

const golden = JSON.parse(readFileSync(new URL("../golden/weights-files.json", import.meta.url), "utf8")) as {
  torch: Record<string, { file: string }>;
};
const fileOf = (text: string) => new Uint8Array(inflateSync(Buffer.from(text, "base64")));
const refused = (file: Uint8Array, ...texts: string[]) => refusedSoon(() => loadPyTorch(file), "pytorch: ", ...texts);
const one = { a: [1] };
/** { w: what was made } */
const asW = (made: Iterable<readonly number[]>) => program([op.dict, op.text("w"), ...made, op.setItem]);

describe("pickles", () => {
  test("names of Python beside those of weights, however they are brought in", () => {
    for (const name of ["os.system", "builtins.eval", "torch._utils.constructor", "collections.OrderedDict.__init__", "torch.hub.load"])
      refused(legacy(program([op.named(name), op.text("x"), [0x85], op.call])), `${name}, which is not called`);
    refused(legacy(program([op.text("posix"), op.text("system"), op.byStack])), "posix.system, which is not called");
    for (const [code, name] of [
      [0x69, "INST"],
      [0x6f, "OBJ"],
      [0x92, "NEWOBJ_EX"],
      [0x82, "EXT1"],
      [0x50, "PERSID"],
    ] as const)
      refused(legacy([code]), `got ${name}`);
    for (const name of ["toString", "constructor", "__proto__"]) refused(legacy(program([op.named(`torch.${name}`), op.empty, op.call])));
    refused(legacy(program([op.named("torch.float32"), op.empty, op.call])), "got one of torch.float32");
  });

  test("names that JavaScript knows are names", () => {
    const file = legacy(program([op.dict, op.text("__proto__"), tensor("a", 1, [1], [1]), op.setItem]), one);
    expect(Object.entries(loadPyTorch(file))).toEqual([["__proto__", { dtype: "f32", shape: [1], data: Float32Array.of(1) }]]);
  });

  test("a view of negatives is refused: its numbers lie in the file without their signs", () => {
    const view = (flag: string) => {
      const call = tensor("a", 1, [1], [1]).slice(0, -2); // without its end
      const rest = [...op.int(0), ...op.none, ...op.dict, ...op.text(flag), ...op.int(1), ...op.setItem, ...op.tuple, ...op.call];
      return legacy(program([op.dict, op.text("w"), [...call, ...rest], op.setItem]), one);
    };
    expect(loadPyTorch(view("other")).w?.data).toEqual(Float32Array.of(1));
    for (const flag of ["neg", "conj"]) refused(view(flag), "got one of their negatives (resolve_neg())");
  });

  test("uint16 over bytes, as PyTorch 2.3 writes it; float8 is refused by its name", () => {
    const over = (dtype: string, count: number) => [
      ...op.named("torch._utils._rebuild_tensor_v3"),
      ...op.mark,
      ...storage("a", 8, "torch.storage.UntypedStorage"),
      ...op.int(0),
      ...numbers([count]),
      ...numbers([1]),
      ...op.none,
      ...op.none,
      ...op.named(dtype),
      ...op.tuple,
      ...op.call,
    ];
    const members = (made: Uint8Array) => ({
      "w/data.pkl": Uint8Array.of(0x80, 2, ...made, 0x2e),
      "w/data/a": Uint8Array.of(1, 0, 255, 255, 3, 0, 4, 0),
    });
    const file = zipSync(members(asW([over("torch.uint16", 4)])), { level: 0 });
    expect(loadPyTorch(file)).toEqual({ w: { dtype: "i32", shape: [4], data: Int32Array.of(1, 65535, 3, 4) } });
    refused(zipSync(members(asW([over("torch.uint16", 5)])), { level: 0 }));
    refused(zipSync(members(asW([over("torch.float8_e4m3fn", 8)])), { level: 0 }), "torch.float8_e4m3fn, which is not called");
  });

  test(`${2 * MUTATIONS} programs of instructions by chance`, () => {
    const random = new Generator(11);
    const parts = [
      ...[op.mark, op.none, op.list, op.dict, op.empty, op.tuple, op.pair, op.append, op.appends, op.setItem, op.setItems, op.pop, op.call],
      ...[
        op.storage,
        op.byStack,
        op.int(3),
        op.long(2 ** 52),
        op.text("a"),
        op.put(0),
        op.get(0),
        op.put(1),
        op.get(1),
        [0x85],
        [0x87],
        [0x94],
      ],
      ...[[0x90], [0x8f], [0x91], [0x81], [0x62], [0x32], [0x31], storage("a", 4), numbers([2]), tensor("a", 4, [2], [1])],
      ...[
        op.named("collections.OrderedDict"),
        op.named("torch._utils._rebuild_tensor_v2"),
        op.named("torch.Size"),
        op.named("builtins.set"),
      ],
      ...[op.named("torch._utils._rebuild_parameter"), op.named("numpy.dtype"), op.named("torch._utils._rebuild_tensor_v3")],
    ];
    let read = 0;
    for (let i = 0; i < 2 * MUTATIONS; i++) {
      const made = Array.from({ length: 1 + random.integer(12) }, () => parts[random.integer(parts.length)] as readonly number[]);
      const file = legacy(program(i % 2 ? [op.list, ...made, op.append] : made), { a: [1, 2, 3, 4] });
      if (survives(() => loadPyTorch(file), `${i}`)) read++;
    }
    expect(read).toBeGreaterThan(MUTATIONS / 500);
  });
});

describe("archives", () => {
  const files = Object.fromEntries(
    [...readZip(fileOf(golden.torch["kinds zip"]?.file as string), "pytorch")].map(([name, member]) => [name, member.read()]),
  );
  const pickle = Object.keys(files).find((name) => name.endsWith("data.pkl")) as string;

  test(`members by chance otherwise, ${MUTATIONS} times, with checksums that are right`, () => {
    const random = new Generator(5);
    const names = [...Object.keys(files).filter((name) => /\/data\//.test(name)), ...Array<string>(20).fill(pickle)];
    let read = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const name = names[random.integer(names.length)] as string;
      const member = (files[name] as Uint8Array).slice();
      if (member.length > 0) for (let k = random.integer(3); k >= 0; k--) member[random.integer(member.length)] = random.integer(256);
      const archive = zipSync(
        { ...files, [name]: member.subarray(0, random.integer(9) === 0 ? random.integer(member.length + 1) : member.length) },
        { level: 0 },
      );
      if (survives(() => loadPyTorch(archive), `${i}`)) read++;
    }
    expect(read).toBeGreaterThan(MUTATIONS / 100);
  });

  test("zeros that were deflated to a thousandth, as a storage and as a pickle", () => {
    const made = Uint8Array.of(0x80, 2, ...asW([tensor("a", 5e6, [1], [1])]), 0x2e);
    refused(zipSync({ "w/data.pkl": made, "w/data/a": new Uint8Array(2e7) }), "of all at most");
    refused(zipSync({ "w/data.pkl": new Uint8Array(2e7).fill(0x4e) }), "expected a pickle of");
  });

  test("a tar, the oldest form, and other files by their names", () => {
    const tar = new Uint8Array(1024);
    tar.set(Buffer.from("sys_info"));
    tar.set(Buffer.from("ustar"), 257);
    refused(tar, "got a tar archive, the form before PyTorch 0.1.10");
    refused(saveNpy({ shape: [1], data: Float32Array.of(1) }), "got a NumPy array (.npy): loadNpy of wasm-rnn/numpy reads it");
  });

  test("bytes in the other order are refused by their name", () => {
    const order = Object.keys(files)
      .find((name) => name.endsWith("version"))
      ?.replace("version", "byteorder") as string;
    refused(zipSync({ ...files, [order]: Buffer.from("big") }, { level: 0 }), "expected bytes in little-endian order, got big-endian ones");
    expect(Object.keys(loadPyTorch(zipSync({ ...files, [order]: Buffer.from("little") }, { level: 0 }))).length).toBeGreaterThan(9);
  });

  test("bytes in shared memory, and in a Buffer", () => {
    for (const form of ["kinds zip", "kinds legacy"]) {
      const file = fileOf(golden.torch[form]?.file as string);
      const shared = new Uint8Array(new SharedArrayBuffer(file.length + 3), 3);
      shared.set(file);
      expect(loadPyTorch(shared)).toEqual(loadPyTorch(file));
      expect(loadPyTorch(Buffer.from(file))).toEqual(loadPyTorch(file));
    }
  });
});
