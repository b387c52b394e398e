/** Pickles that were made to take all time or memory, or whose tensors lie: refused at once. */
import { describe, expect, test } from "vitest";
import { loadPyTorch } from "../../bindings/pytorch.js";
import { legacy, op, program, storage, tensor } from "../helpers/pickles.js";
import { refusedSoon } from "../helpers/survives.js";

const refused = (file: Uint8Array, ...texts: string[]) => refusedSoon(() => loadPyTorch(file), "pytorch: ", ...texts);
const one = { a: [1] };
/** { w: what was made } */
const asW = (made: Iterable<readonly number[]>) => program([op.dict, op.text("w"), ...made, op.setItem]);
const repeated = (count: number, part: readonly number[]) => Array.from({ length: count }, () => part);
/** Lists in lists, each twice in the next, so that the last has 2^60 leaves; the last is on top. */
const doubled = (inner: readonly number[]) =>
  Array.from({ length: 60 }, (_, k) => [
    ...(k === 0 ? inner : []),
    ...op.put(k),
    ...op.pop,
    ...op.list,
    ...op.mark,
    ...op.get(k),
    ...op.get(k),
    ...op.appends,
  ]);

describe("pickles", () => {
  test("the builder's files are those of torch.save: a tensor, a view of it, and a great many", () => {
    const file = legacy(asW([tensor("a", 6, [2, 2], [1, 2], 1)]), { a: [0, 1, 2, 3, 4, 5] });
    expect(loadPyTorch(file)).toEqual({ w: { dtype: "f32", shape: [2, 2], data: Float32Array.of(1, 3, 2, 4) } });
    const many = 150_000; // more than a call takes arguments
    const names = Array.from({ length: many }, (_, i) => [...op.text(`layer.${i}`), ...op.get(0)]);
    const all = legacy(program([tensor("a", 1, [1], [1]), op.put(0), op.pop, op.dict, op.mark, ...names, op.setItems]), { a: [7] });
    const read = loadPyTorch(all);
    expect(Object.keys(read).length).toBe(many);
    expect(read[`layer.${many - 1}`]?.data).toEqual(Float32Array.of(7));
  });

  test("lists that hold one another, in the place of what is visited, named, a key, and a list of keys", () => {
    const laughs = doubled(op.list);
    refused(legacy(asW(laughs)), "without end");
    refused(legacy(program([...laughs, op.text("x"), op.byStack])), "expected a text");
    refused(
      legacy(
        program([op.mark, op.text("storage"), op.named("torch.FloatStorage"), ...laughs, op.text("cpu"), op.int(1), op.tuple, op.storage]),
      ),
    );
    refused(legacy(asW([tensor("a", 1, [1], [1])]), one, [...program(laughs)]), "expected each storage of the pickle once");
    refused(legacy(asW([[...tensor("a", 1, [1], [1]), ...op.put(99), ...op.pop], ...doubled(op.get(99))]), one), "without end");
  });

  test("lists without end: one that holds itself, one in another a hundred thousand deep", () => {
    refused(legacy(program([op.list, op.put(0), op.get(0), op.append])), "without end");
    refused(legacy(program([...repeated(100_000, op.list), ...repeated(99_999, op.append)])), "without end");
    refused(legacy(program(repeated(100_000, op.mark))));
  });

  test("one great list, copied by each of many: as a shape, as a dictionary's pairs", () => {
    const long = [...op.mark, ...program(repeated(200_000, op.int(1))), ...op.tuple, ...op.put(0), ...op.pop];
    const shaped = [
      ...op.named("torch._utils._rebuild_tensor_v2"),
      ...op.mark,
      ...storage("a", 1),
      ...op.int(0),
      ...op.get(0),
      ...op.get(0),
      ...op.tuple,
      ...op.call,
    ];
    refused(legacy(program([long, op.list, op.mark, ...repeated(5000, shaped), op.appends]), one), "up to 64 axes");
    const pairs = [
      ...op.list,
      ...op.mark,
      ...program(repeated(100_000, [...op.none, ...op.none, ...op.pair])),
      ...op.appends,
      ...op.put(0),
      ...op.pop,
    ];
    const dict = [...op.get(1), ...op.get(0), 0x85, ...op.call];
    refused(
      legacy(
        program([pairs, op.named("collections.OrderedDict"), op.put(1), op.pop, op.list, op.mark, ...repeated(50_000, dict), op.appends]),
      ),
      "makes more",
    );
  });

  test("a long name before a great many tensors", () => {
    const many = program(repeated(100_000, op.get(0)));
    const file = legacy(
      program([
        tensor("a", 1, [1], [1]),
        op.put(0),
        op.pop,
        op.dict,
        op.text("x".repeat(500_000)),
        op.list,
        op.mark,
        many as never,
        op.appends,
        op.setItem,
      ]),
      one,
    );
    refused(file, "expected names that the file holds");
  });

  test("more things than weights need", () => {
    refused(legacy(new Uint8Array(5_000_000).fill(op.dict[0] as number)), "things");
    refused(legacy(new Uint8Array(5_000_000).fill(op.none[0] as number)), "things");
  });

  test("integers of every length", () => {
    const long = (bytes: number[]) => [0x8a, bytes.length, ...bytes];
    const cases: [number[], number][] = [
      [[], 0],
      [[0x7f], 127],
      [[0xff], -1],
      [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
      [[0, 0x80], -32768],
      [[0xff, 0], 255],
    ];
    for (const [bytes, value] of cases)
      expect(Object.keys(loadPyTorch(legacy(program([op.dict, long(bytes), tensor("a", 1, [1], [1]), op.setItem]), one)))).toEqual([
        `${value}`,
      ]);
  });

  test.each([
    ["of a number", [...op.list, ...op.int(5), ...op.append]],
    ["of none", [...op.list, ...op.none, ...op.append]],
    ["of three", [...op.list, ...op.mark, ...op.none, ...op.none, ...op.none, ...op.tuple, ...op.append]],
  ])("a dictionary of pairs that are none: %s", (_, pairs) => {
    refused(legacy(program([op.named("collections.OrderedDict"), pairs, [0x85], op.call])), "expected a dictionary of pairs");
  });

  test.each([
    ["repeats without end", [1e15], [0], 0],
    ["begins behind its storage", [1], [1], 4],
    ["ends behind its storage", [2, 2], [3, 1], 0],
    ["has a size beyond what numbers count", [2 ** 52, 2 ** 52], [0, 0], 0],
    ["has sizes beyond what numbers count, and none", [...Array<number>(40).fill(2 ** 52), 0], Array<number>(41).fill(1), 0],
    ["has more axes than strides", [1, 1], [1], 0],
    ["has a negative size", [-1], [1], 0],
    ["has a negative stride", [2], [-1], 1],
    ["has a negative place", [1], [1], -1],
  ])("a tensor that %s", (_, shape, strides, offset) => {
    refused(legacy(asW([tensor("a", 4, shape, strides, offset)]), { a: [1, 2, 3, 4] }));
  });

  test("tensors that share a storage take no more than a few times the file", () => {
    const views = Array.from({ length: 4000 }, (_, i) => [...op.int(i & 255), ...op.get(0)]);
    const values = Array.from({ length: 10_000 }, (_, i) => i);
    const file = legacy(
      program([tensor("a", values.length, [values.length], [1]), op.put(0), op.pop, op.list, op.mark, ...views, op.appends]),
      { a: values },
    );
    refused(file, "expected tensors that the file's");
  });

  test("storages that are told twice, otherwise, or not at all", () => {
    const w = tensor("a", 2, [2], [1]);
    const int = [...storage("a", 2, "torch.IntStorage"), ...op.pop];
    refused(legacy(asW([int, w]), { a: [1, 2] }), 'storage "a": expected 2 I32, as before, got 2 F32');
    refused(legacy(asW([w]), { a: [1] }), 'storage "a": expected 2 numbers');
    refused(legacy(asW([w]), { a: [1, 2, 3] }), 'storage "a": expected 2 numbers');
    refused(legacy(asW([w]), { b: [1, 2] }), 'got "b"');
    refused(legacy(asW([w])), 'expected storage "a" in the file, got none');
    refused(legacy(asW([w]), { a: [1, 2] }, [...op.list, ...op.mark, ...op.text("a"), ...op.text("a"), ...op.appends]), 'got "a"');
  });
});
