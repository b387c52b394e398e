/** The example dna: its windows and groups, folds, naive Bayes, the readers, their gradients, junctions in a sequence, and what the program refuses. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Dense, Generator, loadModel, type Runtime, Sequential } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { changedCodes, codesOf } from "../../examples/dna/codes.js";
import { BASES, CLASSES, groupsOf, isStatLog, JUNCTION, loadWindows, WINDOW, type Window, windowsOf } from "../../examples/dna/data.js";
import { foldsOf } from "../../examples/dna/folds.js";
import { placesThatCount } from "../../examples/dna/gradients.js";
import { learn, logitsOf } from "../../examples/dna/learn.js";
import { Ensemble } from "../../examples/dna/model.js";
import { best, NaiveBayes } from "../../examples/dna/naive-bayes.js";
import { gradientLines, picture } from "../../examples/dna/picture.js";
import { accuracyOf, confusionLines, resultOf } from "../../examples/dna/report.js";
import { checkGroups, mixed, sidesOf, type Tested, testedOf } from "../../examples/dna/tested.js";
import { findJunctions, loadEnsemble, sequencesOf, sitesIn } from "../../examples/dna/use.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "dna-"));
const inFolder = (name: string) => join(folder, name);

beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = new Generator(5);
const anyBases = (length = WINDOW) => Array.from({ length }, () => BASES[random.integer(4)]).join("");

describe("the windows", () => {
  let windows: Window[] = [];
  beforeAll(async () => {
    windows = await loadWindows();
  });

  it("3,186 of them; the coding is right by biology: GT after an exon's end, AG before its beginning", () => {
    expect(windows).toHaveLength(3186);
    const [ei, ie, n] = CLASSES.map((_, label) => windows.filter((window) => window.label === label));
    expect([ei, ie, n].map((each) => each?.length)).toEqual([767, 765, 1654]);
    expect(ei?.filter(({ bases }) => bases.startsWith("GT", JUNCTION))).toHaveLength(759);
    expect(ie?.filter(({ bases }) => bases.endsWith("AG", JUNCTION))).toHaveLength(761);
    expect(new Set(windows.map(({ bases }) => bases)).size).toBe(3001);
  });

  it("the first 2,000 windows and the other 1,186, and how many of each class are in them", () => {
    expect([isStatLog(windows), isStatLog(windows.slice(1)), isStatLog(windows.toReversed())]).toEqual([true, false, false]);
    const { learned, tested } = sidesOf(windows);
    const counts = (side: readonly Window[]) => CLASSES.map((_, label) => side.filter((window) => window.label === label).length);
    expect([counts(learned), counts(tested)]).toEqual([
      [464, 485, 1051],
      [303, 280, 603],
    ]);
  });

  it("no fold shares a group, a window, or 20 bases in a row with another; folds are of like size, and another seed's are others", () => {
    const folds = foldsOf(windows, 10, 1);
    const foldOf = new Map<string, number>();
    const shared: string[] = [];
    for (const [i, { bases, group }] of windows.entries()) {
      const pieces = Array.from({ length: WINDOW - 19 }, (_, at) => bases.slice(at, at + 20));
      for (const key of [`group ${group}`, ...pieces]) {
        if ((foldOf.get(key) ?? folds[i]) !== folds[i]) shared.push(key);
        foldOf.set(key, folds[i] as number);
      }
    }
    expect(shared).toEqual([]);
    const sizes = Array.from({ length: 10 }, (_, fold) => folds.filter((each) => each === fold).length);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([318, 319]);
    expect(foldsOf(windows, 10, 2)).not.toEqual(folds);
    expect(foldsOf(windows, 10, 1)).toEqual(folds);
  });

  it("naive Bayes in ten folds is what it is known to be", () => {
    const folds = foldsOf(windows, 10, 1);
    let right = 0;
    for (let fold = 0; fold < 10; fold++) {
      const bayes = new NaiveBayes(windows.filter((_, i) => folds[i] !== fold));
      right += windows.filter(({ bases, label }, i) => folds[i] === fold && best(bayes.logits(bases)) === label).length;
    }
    expect(right / windows.length).toBeCloseTo(0.953, 2);
  });
});

it("related are: the same, an overlap, a few differences; and by way of a third; numbers are given in order", () => {
  const [a, b] = [anyBases(), anyBases()];
  const shifted = anyBases(25) + a.slice(0, 35);
  const mutated = Array.from(shifted, (base, i) => (i % 4 === 0 ? (BASES[(BASES.indexOf(base) + 1) % 4] as string) : base)).join("");
  expect([...groupsOf([a, b, a, shifted, mutated, anyBases()])]).toEqual([0, 1, 0, 0, 0, 2]);
  expect([...groupsOf([a, anyBases(41) + a.slice(0, 19)])]).toEqual([0, 1]);
  expect([...groupsOf([])]).toEqual([]);
});

it("three bits are a base; another file is refused in a line", () => {
  const columns = Array.from({ length: 3 * WINDOW }, (_, i) => [i === 0 || i === 4 || i === 8 ? "1" : "0"]);
  expect(windowsOf([...columns, ["ie"]])).toEqual([{ bases: `ACG${"T".repeat(57)}`, label: 1, group: 0 }]);
  expect(() => windowsOf([...columns, ["other"]])).toThrow("DNA.rda: row 1 has a class or bits that are not known");
  expect(() => windowsOf([...columns.with(1, ["1"]), ["n"]])).toThrow("DNA.rda: row 1 has a class or bits that are not known");
  expect(() => windowsOf([...columns.map(() => []), []])).toThrow("DNA.rda: expected windows, got none");
  expect(() => windowsOf([["1"], ["n"]])).toThrow("DNA.rda: expected 180 columns of bits, got 1");
});

it("naive Bayes: log probabilities by Laplace's rule", () => {
  const learned = [
    { bases: "A".repeat(WINDOW), label: 0, group: 0 },
    { bases: "A".repeat(WINDOW), label: 0, group: 1 },
    { bases: "C".repeat(WINDOW), label: 1, group: 2 },
  ];
  const [ei = 0, ie = 0, n = 0] = new NaiveBayes(learned).logits("A".repeat(WINDOW));
  expect(ei).toBeCloseTo(Math.log(3 / 6) + WINDOW * Math.log(3 / 6), 9);
  expect(ie).toBeCloseTo(Math.log(2 / 6) + WINDOW * Math.log(1 / 5), 9);
  expect(n).toBeCloseTo(Math.log(1 / 6) + WINDOW * Math.log(1 / 4), 9);
});

it("codes: one of four; changed ones are as they were around a junction, and elsewhere another base or none", () => {
  const bases = anyBases();
  const codes = codesOf(bases);
  const at = (changed: Float32Array, i: number) => BASES[changed.subarray(4 * i, 4 * i + 4).indexOf(1)];
  expect(Array.from({ length: WINDOW }, (_, i) => at(codes, i)).join("")).toBe(bases);
  expect(codes.reduce((a, b) => a + b)).toBe(WINDOW);
  const counts = { same: 0, other: 0, none: 0 };
  for (let draw = 0; draw < 400; draw++) {
    const changed = changedCodes({ bases, label: 1 }, random);
    expect(changed.slice(4 * 25, 4 * 35)).toEqual(codes.slice(4 * 25, 4 * 35));
    for (let i = 12; i < 25; i++) counts[at(changed, i) === undefined ? "none" : at(changed, i) === bases[i] ? "same" : "other"]++; // both ends may be lost
  }
  expect([counts.same, counts.other, counts.none].map((count) => Math.round(count / 520))).toEqual([6, 3, 1]);
});

it("what is no junction is moved, and all that are lose as much at the same ends", () => {
  const bases = anyBases();
  const middle = (label: number) => changedCodes({ bases, label }, random).slice(4 * 25, 4 * 35);
  const places = new Set(
    Array.from({ length: 400 }, () => {
      const codes = middle(2);
      const text = Array.from({ length: 10 }, (_, i) => BASES[codes.subarray(4 * i, 4 * i + 4).indexOf(1)]).join("");
      return bases.indexOf(text) - 25;
    }),
  );
  expect([...places].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i - 12));
  const lost = (label: number) => {
    let count = 0;
    for (let draw = 0; draw < 2000; draw++)
      count += Number(
        changedCodes({ bases, label }, random)
          .subarray(0, 4)
          .every((code) => code === 0),
      );
    return count / 2000;
  };
  for (const label of [0, 2]) expect(lost(label)).toBeCloseTo(0.24 + 0.76 * 0.1, 1); // 12 of 50 moves lose the first base; 10 % are hidden
});

describe("windows of one's own", () => {
  const own = Array.from({ length: 100 }, (_, i) => ({ bases: anyBases(), label: i < 6 ? 0 : i < 30 ? 1 : 2, group: i }));

  it("in order of their classes: mixed, every class is on both sides, by its share; another seed's order is another", () => {
    const order = mixed(own, 1);
    expect([...order].sort((a, b) => a.group - b.group)).toEqual(own);
    expect([mixed(own, 1), mixed(own, 2)].map((each) => JSON.stringify(each) === JSON.stringify(order))).toEqual([true, false]);
    const { learned, tested } = sidesOf(order);
    const counts = (side: readonly Window[]) => CLASSES.map((_, label) => side.filter((window) => window.label === label).length);
    expect([counts(learned), counts(tested)]).toEqual([
      [4, 15, 44],
      [2, 9, 26],
    ]);
  });

  it("without a class on a side, or with fewer groups than folds: refused in a line", () => {
    expect(() => sidesOf(own)).toThrow("data: expected windows of each class, got no donor among the 37 that are tested");
    expect(() => sidesOf([])).toThrow("data: expected windows of each class, got no donor among the 0 that are learned");
    expect(() => sidesOf(mixed(own.slice(5), 1))).toThrow("got no donor among the 35 that are tested");
    expect(() => checkGroups(own.slice(0, 9), 10)).toThrow(
      "data: expected at least 10 groups of related windows, one for each fold, got 9",
    );
  });
});

describe("figures", () => {
  const windows = [0, 0, 1, 2].map((label, group) => ({ bases: "A".repeat(WINDOW), label, group }));
  const tested: Tested = {
    windows,
    ours: Int32Array.of(0, 0, 1, 0),
    bayes: Int32Array.of(0, 1, 1, 0),
    most: Int32Array.of(2, 2, 2, 2),
  };

  it("accuracies, their intervals by groups, and the goal", () => {
    const { measures } = resultOf({ folds: tested, split: tested, fresh: tested }, { seed: 1, seconds: 2, folded: 10, statLog: true });
    expect(measures.map(({ value }) => value)).toEqual([75, 75, 75]);
    expect(measures[0]?.goal).toBe(50);
    expect(measures[0]?.baselines.map(({ value }) => value)).toEqual([50, 25]);
    expect(measures[0]?.baselines[0]?.interval).toEqual([0, 75]);
    expect(measures[1]?.baselines.find(({ name }) => name === "C4.5, StatLog")?.value).toBe(92.4);
  });

  it("of windows of one's own nothing that was published, and no figure of none", () => {
    const [none, split] = [testedOf({ learned: windows, tested: [] }, []), { ...tested, windows: windows.slice(2) }];
    const { measures, ...said } = resultOf({ folds: tested, split, fresh: none }, { seed: 1, seconds: 2, folded: 3, statLog: false });
    expect(measures.map(({ name, baselines }) => [name, baselines.length])).toEqual([
      ["accuracy", 2],
      ["accuracy on the split", 2],
    ]);
    expect([said.data, said.split]).toEqual([
      "4 windows",
      "3 folds, related windows together; in an order by chance, the first 2 windows learned",
    ]);
  });

  it("of StatLog's the words that are recorded", () => {
    const many = { ...tested, windows: Array.from({ length: 3186 }, (_, group) => ({ bases: "", label: 0, group })) };
    const sides = { folds: many, split: { ...many, windows: many.windows.slice(2000) }, fresh: tested };
    const { data, split, measures } = resultOf(sides, { seed: 1, seconds: 2, folded: 10, statLog: true });
    const kept = JSON.parse(readFileSync("examples/dna/results/seed-1.json", "utf8"));
    expect({ data, split }).toEqual({ data: kept.data, split: kept.split });
    expect(measures.map(({ name }) => name)).toEqual(kept.measures.map(({ name }: { name: string }) => name));
  });

  it("what was taken for what", () => {
    const rows = confusionLines(tested).map((line) =>
      stripVTControlCharacters(line)
        .trim()
        .split(/\s{2,}/),
    );
    expect(rows.slice(2)).toEqual([
      ["donor", "2", "0", "0", "100.0 %"],
      ["acceptor", "0", "1", "0", "100.0 %"],
      ["neither", "1", "0", "0", "0.0 %"],
    ]);
    expect(accuracyOf(tested, "most")).toBe(25);
  });

  it("what was said of the tested by those that learned the others", () => {
    const learned = windows.map((window) => ({ ...window, label: 1 }));
    const { ours, bayes, most } = testedOf(
      { learned, tested: windows },
      windows.map(() => Float32Array.of(1, 2, 3)),
    );
    expect([ours, bayes, most].map((each) => [...each])).toEqual([
      [2, 2, 2, 2],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
  });
});

describe("the model", () => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
  });
  afterAll(() => rt.dispose());

  it("three logits a window, the same bits alone; loaded again it is the same", async () => {
    const model = new Ensemble(rt, { members: 2 }).eval() as Ensemble;
    const windows = Array.from({ length: 5 }, () => ({ bases: anyBases() }));
    const logits = await logitsOf(model, windows);
    expect(logits.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3]);
    expect(await logitsOf(model, windows.slice(3, 4))).toEqual(logits.slice(3, 4));
    const again = loadModel(rt, model.save(), { classes: { Ensemble } }) as Ensemble;
    expect(await logitsOf(again, windows)).toEqual(logits);
  });

  it("learns where a GT makes a donor, and its gradient says so", async () => {
    const learned = Array.from({ length: 240 }, (_, i) => {
      const label = i % 3 === 2 ? 2 : 0;
      return { bases: anyBases(JUNCTION) + (label === 0 ? "GT" : "CA") + anyBases(WINDOW - JUNCTION - 2), label, group: i };
    });
    const signal = new AbortController().signal;
    const model = await learn(rt, learned, { members: 1, epochs: 12, seed: 1 }, { signal });
    const logits = await logitsOf(model, learned);
    expect(learned.filter(({ label }, i) => best(logits[i] as Float32Array) === label).length).toBe(240);
    const places = placesThatCount(model, learned);
    const donor = places[0] ?? [];
    const strongest = [...donor.keys()].sort((a, b) => (donor[b]?.weight as number) - (donor[a]?.weight as number)).slice(0, 2);
    expect(strongest.sort()).toEqual([JUNCTION, JUNCTION + 1]);
    expect([donor[JUNCTION]?.base, donor[JUNCTION + 1]?.base]).toEqual(["G", "T"]);
    expect(stripVTControlCharacters(gradientLines(places)[2] as string)).toMatch(/\|GT/);
    expect(picture(places, 100)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(model.requiresGrad).toBe(true);
  });

  it("a gradient is the change of the logit", async () => {
    const model = new Ensemble(rt, { members: 2 }).eval() as Ensemble;
    const window = { bases: anyBases(), label: 1, group: 0 };
    const at = (place: number, base: string) => window.bases.slice(0, place) + base + window.bases.slice(place + 1);
    const logit = async (bases: string) => {
      const [own = 0, ie = 0, n = 0] = (await logitsOf(model, [{ bases }]))[0] ?? [];
      return ie - (own + ie + n) / 3;
    };
    const place = placesThatCount(model, [window])[1]?.[40];
    const logits = await Promise.all([...BASES].map((base) => logit(at(40, base))));
    expect(place?.base).toBe(BASES[logits.indexOf(Math.max(...logits))]);
    const mean = logits.reduce((a, b) => a + b) / 4;
    expect(place?.weight).toBeCloseTo(Math.hypot(...logits.map((value) => value - mean)), 2);
  });

  it("a window is classified, junctions of a sequence are listed", async () => {
    const model = new Ensemble(rt, { members: 1 }).eval() as Ensemble;
    const lines: string[] = [];
    const sequences = [
      { name: "", bases: "A".repeat(60) },
      { name: "second", bases: anyBases(70) },
      { name: "third", bases: `${anyBases(64)}N${anyBases(5)}` },
    ];
    for await (const each of findJunctions(model, sequences)) lines.push(...each.map(stripVTControlCharacters));
    expect(lines[0]).toBe(`  ${"A".repeat(30)}|${"A".repeat(30)}`);
    expect(lines[1]).toMatch(/^ {2}donor [\d.]+ % {3}acceptor [\d.]+ % {3}neither [\d.]+ %$/);
    expect(lines.slice(2)).toEqual([
      ...["  second", "  0 junctions in 70 bases, 11 windows"],
      ...["  third", expect.stringMatching(/^ {2}0 junctions in 70 bases, 11 windows; 6 of them skipped, for N/)],
      ...lines.slice(6), // the end of that line, where the terminal is narrow
    ]);
  });

  it("numbers too large to say anything are refused", async () => {
    const model = new Ensemble(rt, { members: 1 }).eval() as Ensemble;
    for (const parameter of model.parameters()) parameter.update((values) => values.fill(3e38));
    await expect(findJunctions(model, [{ name: "", bases: anyBases() }]).next()).rejects.toThrow(/^the model's numbers are too large/);
  });

  it("refuses what is no such model", () => {
    writeFileSync(inFolder("other.safetensors"), new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]).save());
    writeFileSync(inFolder("text.safetensors"), "bases");
    for (const name of ["other", "text"]) {
      expect(() => loadEnsemble(rt, inFolder(`${name}.safetensors`))).toThrow(/: expected a model of the example dna$/);
    }
    expect(() => new Ensemble(rt, { members: 0 })).toThrow(RangeError);
  });
});

describe("bases of one's own", () => {
  it("alone, in lower case, as RNA, of a FASTA file with several", () => {
    const bases = anyBases();
    expect(sequencesOf(` ${bases.slice(0, 30).toLowerCase()}\n${bases.slice(30).replaceAll("T", "u")}`)).toEqual([{ name: "", bases }]);
    writeFileSync(
      inFolder("two.fasta"),
      `\ufeff>one \u001b[31m\r\n${bases.slice(0, 40)}\r\n${bases.slice(40)}\r\n\r\n>two\r\n${bases}\r\n`,
    );
    expect(sequencesOf(inFolder("two.fasta"))).toEqual([
      { name: "one ·[31m", bases },
      { name: "two", bases },
    ]);
  });

  it.each([
    ["", "--use: there are no bases in it"],
    ["ACGT", "--use: expected 60 bases at least, got 4"],
    [`${"A".repeat(70)}XACGT`, '--use: expected bases, A, C, G and T or U, got "X" as number 71'],
    [`${"A".repeat(59)}N`, '--use: expected bases, A, C, G and T or U, got "N" as number 60'],
    ["A".repeat(200_001), "--use: expected at most 200,000 bases, got 200,001"],
    ["nowhere.fasta", "cannot read the file of bases nowhere.fasta: there is no such file; expected bases, or a file of them"],
    [tmpdir(), `cannot read the file of bases ${tmpdir()}: it is a directory`],
  ])("refused: %s", (use, message) => expect(() => sequencesOf(use)).toThrow(message));

  it("longer ones may have letters that are no one base", () => {
    const bases = `${anyBases()}RYSWKMBDHVN`;
    expect(sequencesOf(bases.toLowerCase())).toEqual([{ name: "", bases }]);
  });

  it("sites are where a junction is sure, and surest of those near; of equals the first", () => {
    const probabilities = Array.from({ length: 60 }, (_, i) => {
      if (i === 5) return [0.97, 0.02, 0.01];
      if (i === 9 || i === 12) return [0.99, 0, 0.01];
      if (i === 30) return [0.9, 0, 0.1];
      if (i === 11 || i === 50) return [0, 0.98, 0.02];
      return [0, 0, 1];
    });
    expect(sitesIn(probabilities)).toEqual([
      { at: 39, label: 0, probability: 0.99 },
      { at: 80, label: 1, probability: 0.98 },
    ]);
  });
});

describe("the program", () => {
  it.each([
    [["--use", "ACGT"], /^error: --use: expected 60 bases at least, got 4$/],
    [["--quick", "--record"], /^error: option '--record' cannot be used with option '--quick'/],
    [
      ["--use", "A".repeat(60), "--save", "nowhere.safetensors"],
      /^error: cannot read the model nowhere.safetensors: there is no such file; learn it first: npm run example dna$/,
    ],
    [["--quick", "--data", folder], /^error: --data: there is no .*DNA.rda$/],
  ])("%j: refused in one line", (args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "dna", ...args], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
