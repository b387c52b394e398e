/** The examples' reader of R's data: vectors, factors, frames, names that are met again, both ways of packing, and what is refused. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { debianFolders } from "../../examples/shared/debian.js";
import { unpackedChunk } from "../../examples/shared/r-compression.js";
import {
  columnsOf,
  levelsOf,
  NA_INTEGER,
  numbersOf,
  RDataError,
  type RValue,
  readLazyData,
  readRData,
} from "../../examples/shared/r-data.js";

/** A writer as small as the test needs: R's codes and what follows them. */
const int = (...values: number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([24, 16, 8, 0].map((shift) => (value >> shift) & 255))));
const double = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
const text = (value: string | null, flags = 1 << 18) => {
  if (value === null) return int(9, -1);
  const bytes = Buffer.from(value, flags === 1 << 14 ? "latin1" : "utf8");
  return Buffer.concat([int(9 | flags, bytes.length), bytes]);
};
const symbol = (name: string) => Buffer.concat([int(1), text(name)]);
const again = (place: number) => int((place << 8) | 255);
const texts = (...values: (string | null)[]) => Buffer.concat([int(16, values.length), ...values.map((value) => text(value))]);
const [END, PAIR, OBJECT] = [int(254), int(2 | (1 << 10)), 1 << 8];
const pairs = (...each: [Buffer, Buffer][]) => Buffer.concat([...each.map(([name, value]) => Buffer.concat([PAIR, name, value])), END]);
const VERSION_2 = Buffer.concat([Buffer.from("X\n"), int(2, 0x20a01, 0x20300)]);
const VERSION_3 = Buffer.concat([Buffer.from("X\n"), int(3, 0x40202, 0x30500, 5), Buffer.from("UTF-8")]);
const rda = (body: Buffer, { header = VERSION_2, magic = "RDX2\n" } = {}) => Buffer.concat([Buffer.from(magic), header, body]);
/** In a file of one object: its name is the first that is met, `class` the third. */
const frame = Buffer.concat([
  int(19 | OBJECT | (1 << 9), 3),
  Buffer.concat([
    int(13 | OBJECT | (1 << 9), 3, 2, 1, NA_INTEGER),
    pairs([symbol("levels"), texts("no", "yes")], [symbol("class"), texts("factor")]),
  ]),
  Buffer.concat([int(14, 3), double(1.5), double(-0), double(Number.NaN)]),
  Buffer.concat([int(16, 3), text("é", 1 << 14), text(null), text("é", 1 << 15)]),
  pairs([symbol("names"), texts("answer", "number", "letter")], [again(3), texts("data.frame")]),
]);

describe("a file of save()", () => {
  it.each([
    ["version 2", rda(pairs([symbol("d"), frame]))],
    ["version 3", rda(pairs([symbol("d"), frame]), { header: VERSION_3, magic: "RDX3\n" })],
  ])("a data frame with a factor, numbers and texts; names are met again by number: %s", async (_, file) => {
    for (const packed of [file, gzipSync(file)]) {
      const objects = await readRData(packed);
      expect([...objects.keys()]).toEqual(["d"]);
      const d = objects.get("d");
      expect(d?.attributes.get("class")?.values).toEqual(["data.frame"]);
      const columns = columnsOf(d);
      expect([...columns.keys()]).toEqual(["answer", "number", "letter"]);
      expect(levelsOf(columns.get("answer"))).toEqual(["yes", "no", null]);
      expect([...numbersOf(columns.get("number"))]).toEqual([1.5, -0, Number.NaN]);
      expect(columns.get("letter")?.values).toEqual(["é", null, "é"]);
    }
  });

  it("logical and integer vectors are numbers, NA among them; NULL; lists in lists", async () => {
    const list = Buffer.concat([int(19, 2), int(254), Buffer.concat([int(19, 1), int(10, 3, 1, 0, NA_INTEGER)])]);
    const objects = await readRData(rda(pairs([symbol("l"), list], [symbol("n"), int(254)])));
    expect(objects.get("n")).toBe(null);
    const [none, inner] = objects.get("l")?.values as RValue[];
    expect(none).toBe(null);
    expect([...numbersOf((inner?.values as RValue[])[0])]).toEqual([1, 0, Number.NaN]);
  });

  const whole = rda(pairs([symbol("x"), int(13, 2, 7, 8)]));
  it.each([
    ["another file", Buffer.from("no such thing"), /^R data: no binary file of R's save\(\)$/],
    ["an empty file", Buffer.alloc(0), /no binary file/],
    ["bzip2", Buffer.from("BZh91AY"), /^R data: packed with bzip2, which is not read$/],
    ["damaged gzip", gzipSync(whole).subarray(0, 30), /^R data: damaged \(gzip: .*\)$/],
    ["damaged xz", Buffer.from("fd377a585a000001deadbeef", "hex"), /^R data: damaged \(xz: .*\)$/],
    ["the ASCII format", Buffer.from("RDX2\nA\n2\n"), /^R data: not in the binary format of serialize\(\)$/],
    [
      "version 4",
      rda(Buffer.alloc(0), { header: Buffer.concat([Buffer.from("X\n"), int(4, 0, 0)]) }),
      /^R data: expected version 2 or 3 of the format, got 4$/,
    ],
    ["cut off", whole.subarray(0, -6), /^R data: it ends (?:too early|inside of a vector of 2)$/],
    ["a vector longer than the file", rda(pairs([symbol("x"), int(13, 2 ** 30)])), /^R data: it ends inside of a vector of 1073741824$/],
    ["a vector of negative length", rda(pairs([symbol("x"), int(13, -1)])), /inside of a vector of -1$/],
    ["a function", rda(pairs([symbol("x"), int(3)])), /^R data: a value of the kind 3, which is not read$/],
    ["a name that was not met", rda(pairs([again(9), int(254)])), /^R data: expected a name, got the kind 255$/],
    ["no pair", rda(int(13, 0)), /^R data: expected a pair with a name, got the kind 13$/],
    ["no text", rda(pairs([Buffer.concat([int(1), int(13, 0)]), END])), /^R data: expected a text, got the kind 13$/],
    [
      "lists without end",
      rda(pairs([symbol("x"), Buffer.concat(Array.from({ length: 9999 }, () => int(19, 1)))])),
      /^R data: lists in lists, more than 64 deep$/,
    ],
  ])("%s is refused in a line", async (_, file, message) => {
    const error = await readRData(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RDataError);
    expect((error as Error).message).toMatch(message);
  });

  it("what is no frame, factor or number is refused", async () => {
    const objects = await readRData(rda(pairs([symbol("x"), int(13, 0)], [symbol("l"), int(19, 0)], [symbol("t"), texts("a")])));
    expect(() => columnsOf(objects.get("x"))).toThrow("R data: expected a list, got integer");
    expect(() => columnsOf(undefined)).toThrow("R data: expected a list, got NULL");
    expect(() => columnsOf(objects.get("l"))).toThrow("R data: a list without names");
    expect(() => levelsOf(objects.get("x"))).toThrow("R data: expected a factor");
    expect(() => numbersOf(objects.get("t"))).toThrow("R data: expected numbers, got character");
  });
});

describe("a lazy-load database", () => {
  let [index, database]: Uint8Array[] = [];
  beforeAll(() => {
    const [folder] = debianFolders(["r-base-core"]) as [string];
    [index, database] = [".rdx", ".rdb"].map((ending) => readFileSync(join(folder, `usr/lib/R/library/datasets/data/Rdata${ending}`)));
  });

  it("series and frames, packed with LZMA2", async () => {
    const stocks = await readLazyData(index as Uint8Array, database as Uint8Array, "EuStockMarkets");
    expect([...numbersOf(stocks?.attributes.get("dim"))]).toEqual([1860, 4]);
    const values = numbersOf(stocks);
    expect([values[0], values[1859], values[1860], values.at(-1)]).toEqual([1628.75, 5473.72, 1678.1, 5455]);
    const iris = columnsOf(await readLazyData(index as Uint8Array, database as Uint8Array, "iris"));
    expect([...iris.keys()]).toEqual(["Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width", "Species"]);
    expect(numbersOf(iris.get("Sepal.Length")).reduce((a, b) => a + b)).toBeCloseTo(876.5, 9);
    expect(levelsOf(iris.get("Species")).filter((species) => species === "virginica")).toHaveLength(50);
  });

  it("an object that is not there, a database of another index", async () => {
    await expect(readLazyData(index as Uint8Array, database as Uint8Array, "tulips")).rejects.toThrow(
      "R data: the database has no object tulips",
    );
    await expect(readLazyData(index as Uint8Array, new Uint8Array(9), "iris")).rejects.toThrow(
      "R data: the object iris is not inside of the database",
    );
    const other = Uint8Array.from(database as Uint8Array).reverse();
    await expect(readLazyData(index as Uint8Array, other, "iris")).rejects.toThrow(RDataError);
  });

  it("chunks as they are, by zlib, and by a letter", async () => {
    const bytes = Buffer.from("abcabc");
    expect(await unpackedChunk(bytes, 0)).toEqual(bytes);
    expect(await unpackedChunk(Buffer.concat([int(6), deflateSync(bytes)]), 1)).toEqual(bytes);
    expect(await unpackedChunk(Buffer.concat([int(6), Buffer.from("0"), bytes]), 3)).toEqual(bytes);
    expect(await unpackedChunk(Buffer.concat([int(6), Buffer.from("1"), deflateSync(bytes)]), 2)).toEqual(bytes);
    await expect(unpackedChunk(Buffer.concat([int(6), Buffer.from("2BZh")]), 2)).rejects.toThrow(
      'R data: a chunk packed as "2", which is not read',
    );
    await expect(unpackedChunk(Buffer.concat([int(7), deflateSync(bytes)]), 1)).rejects.toThrow(
      "R data: expected a chunk of 7 bytes, got 6",
    );
    await expect(unpackedChunk(Buffer.concat([int(6), Buffer.from("Zno LZMA")]), 3)).rejects.toThrow(/^R data: damaged \(chunk: /);
    await expect(unpackedChunk(Buffer.alloc(3), 1)).rejects.toThrow("R data: a chunk ends before it begins");
  });
});

it("DNA of mlbench, packed with xz", async () => {
  const [folder] = debianFolders(["r-cran-mlbench"]) as [string];
  const objects = await readRData(readFileSync(join(folder, "usr/lib/R/site-library/mlbench/data/DNA.rda")));
  const columns = columnsOf(objects.get("DNA"));
  expect(columns.size).toBe(181);
  const classes = levelsOf(columns.get("Class"));
  expect(["ei", "ie", "n"].map((name) => classes.filter((each) => each === name).length)).toEqual([767, 765, 1654]);
});
