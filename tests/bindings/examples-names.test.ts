/** The example names: its corpus and sides, its hints, its tokens, its baselines and scores, the model, and what the program refuses. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AdamW,
  CrossEntropyLoss,
  createRuntime,
  Dense,
  fit,
  loadModel,
  loadSafetensors,
  predict,
  type Runtime,
  Sequential,
  saveSafetensors,
} from "wasm-rnn";
import { CRF, CRFLoss, loadOperators } from "wasm-rnn/sequence";
import { byCapitals, byFrequency } from "../../examples/names/baselines.js";
import { brownCorpus, identity, labelsOf, parseFile, parted, type Sentence, spansOf, thinned } from "../../examples/names/data.js";
import { hintsOf, stem } from "../../examples/names/hints.js";
import { Tagger, Taggers } from "../../examples/names/model.js";
import { errorLines, resultOf } from "../../examples/names/report.js";
import { countSpans, scoreOf } from "../../examples/names/scores.js";
import { sentencesOf } from "../../examples/names/tokens.js";
import { findNames, loadTaggers, marked, textOf } from "../../examples/names/use.js";
import { knownOf, UNKNOWN, Vocabulary } from "../../examples/names/vocabulary.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "names-"));
const inFolder = (name: string) => join(folder, name);

beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = `
	The/at Fulton/np-tl County/nn-tl jury/nn-hl met/vbd Mr./np Ivan/np Allen's/np$ son/nn ;/. ;/.


	1/2/cd of/in it/ppo ,/, in/fw-in Roma/fw-np ,/, Dick's/np+bez ?/. ?/.
`;

describe("the corpus", () => {
  it("a line is a sentence; a word may have a slash; marks written twice are there once; np… are names, foreign ones are not", () => {
    const [first, second, ...more] = parseFile(TEXT, 7) as [Sentence, Sentence];
    expect(more).toEqual([]);
    expect(first.words).toEqual(["The", "Fulton", "County", "jury", "met", "Mr.", "Ivan", "Allen's", "son", ";"]);
    expect(first.tags.slice(0, 4)).toEqual(["at", "np-tl", "nn-tl", "nn"]);
    expect([...first.labels]).toEqual([0, 1, 0, 0, 0, 1, 2, 2, 0, 0]);
    expect(second.words).toEqual(["1/2", "of", "it", ",", "in", "Roma", ",", "Dick's", "?"]);
    expect([...second.labels]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect([first.file, second.file]).toEqual([7, 7]);
  });

  it("a run is a span", () => {
    const labels = labelsOf([true, true, false, false, true]);
    expect([...labels]).toEqual([1, 2, 0, 0, 1]);
    expect(spansOf(labels)).toEqual([
      { from: 0, to: 2 },
      { from: 4, to: 5 },
    ]);
  });

  const corpus = brownCorpus();
  const sides = parted(corpus);

  it("500 files with 57,340 sentences and 34,482 names", () => {
    expect(new Set(corpus.map(({ file }) => file)).size).toBe(500);
    expect(corpus).toHaveLength(57340);
    expect(corpus.reduce((sum, { labels }) => sum + spansOf(labels).length, 0)).toBe(34482);
  });

  it("sides by the file's place; no sentence is on two of them, capitals and punctuation apart", () => {
    const { learned, watched, tested } = sides;
    const digits = (side: readonly Sentence[]) => [...new Set(side.map(({ file }) => file % 10))].sort();
    expect([digits(learned), digits(watched), digits(tested)]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [8], [9]]);
    expect([learned.length, watched.length, tested.length]).toEqual([45598, 5462, 5642]);
    const [l, w, t] = [learned, watched, tested].map((side) => new Set(side.map(identity))) as [Set<string>, Set<string>, Set<string>];
    expect([...l].filter((each) => w.has(each) || t.has(each))).toEqual([]);
    expect([...w].filter((each) => t.has(each))).toEqual([]);
    expect(identity({ words: ["``", "Yes", "!"] })).toBe(identity({ words: ["yes", "."] }));
    expect(identity({ words: ["!"] })).not.toBe(identity({ words: ["?"] }));
    expect(thinned(sides, 100).watched).toEqual(watched.filter((_, i) => i % 100 === 0));
  });

  it("the baselines are those that the split is known by", () => {
    const f1 = (baseline: (sentence: Sentence) => Int32Array) => scoreOf(countSpans(sides.tested, sides.tested.map(baseline))).f1;
    expect(f1(byCapitals)).toBeCloseTo(0.5548, 4);
    expect(f1(byFrequency(corpus.filter(({ file }) => file % 10 < 8)))).toBeCloseTo(0.8586, 4);
    expect(f1(byFrequency(sides.learned))).toBeCloseTo(0.8583, 4);
  });
});

describe("what the network sees", () => {
  it("hints: 1 + (in lower case elsewhere) + 2 · (mostly after an article) + 4 · (level of capitals elsewhere)", () => {
    const text = [
      "Banks saw the cat .",
      "Then Banks's cat saw Banks .",
      "Cat saw the Scholar meet a Scholar .",
      "`` Then Rex left ''",
      "THE END OF REX",
    ];
    const hints = hintsOf(text.map((line) => line.split(" "))).map((each) => [...each]);
    expect(hints[0]).toEqual([9, 1, 1, 1, 1]); // two capitals inside of the second sentence
    expect(hints[1]).toEqual([1, 5, 1, 1, 5, 1]); // one is its own
    expect(hints[2]).toEqual([2, 1, 1, 7, 1, 1, 7, 1]); // the cat is in lower case, and the Scholar after articles
    expect(hints[3]).toEqual([1, 1, 1, 1, 1]);
    expect(hints[4]).toEqual([2, 1, 1, 1]); // a headline's capitals tell nothing
    const many = hintsOf([["saw", ...Array.from({ length: 9 }, () => "Ann")]]);
    expect([...(many[0] as Int32Array)]).toEqual([1, ...Array.from({ length: 9 }, () => 17)]);
    expect(["Atlanta's", "Joneses'", "'s", "is"].map(stem)).toEqual(["Atlanta", "Joneses", "'s", "is"]);
  });

  it("numbers of words that are met twice, as written or folded, and characters", () => {
    const known = knownOf([
      { words: ["the", "Cat's", "cat"], tags: ["at", "nn$", "nn"] },
      { words: ["the", "the", "Rex"], tags: ["at", "at", "np"] },
    ]);
    expect(known).toEqual({ words: ["the", "cat"], frequent: 0, tags: [] });
    const often = (length: number) => knownOf(Array.from({ length }, () => ({ words: ["a"], tags: ["at"] })));
    expect(often(12)).toEqual({ words: ["a"], frequent: 1, tags: [] });
    expect(often(100).tags).toEqual(["at"]);
    const { words, folded, characters } = new Vocabulary(known).inputs(["The", "cat", "é"], new Int32Array(3));
    expect([...words]).toEqual([UNKNOWN, 2, UNKNOWN]);
    expect([...folded]).toEqual([1, 2, UNKNOWN]);
    expect([...characters.subarray(0, 4)]).toEqual([53, 73, 70, 0]);
    expect(characters[32]).toBe(96);
    const { characters: long } = new Vocabulary({ words: [], frequent: 0, tags: [] }).inputs(
      ["abcdefghijklmnopqrstuvwxyz"],
      new Int32Array(1),
    );
    expect(String.fromCharCode(...long.map((c) => c + 31))).toBe("abcdefghstuvwxyz");
  });

  const tokens = (text: string) =>
    sentencesOf(text, (word) => ["Mr.", "Inc."].includes(word)).map((each) => each.map(({ word }) => word).join(" "));
  it.each([
    ['Mr. Smith left. "It was cold," he said. He didn\'t.', ["Mr. Smith left .", "`` It was cold , '' he said .", "He didn't ."]],
    ["The U.S. Senate's 1,000 pages--all…", ["The U.S. Senate's 1,000 pages -- all ."]],
    ["Ångström’s work (Uppsala, 1868): ‘the spectrum’.", ["Angstrom's work ( Uppsala , 1868 ) : ' the spectrum ' ."]],
    ["“Really?” asked J. P. Morgan. Yes!", ["`` Really ? '' asked J. P. Morgan .", "Yes !"]],
    ["A title\n\nThe Joneses' house", ["A title", "The Joneses' house"]],
    ["A line\r\nand one\r\n\r\nB", ["A line", "and one", "B"]],
    ["of Acme Inc.", ["of Acme Inc ."]],
    ["- Ann Baker\n- Tom Hill", ["- Ann Baker", "- Tom Hill"]],
    ["Ann Baker\nTom Hill", ["Ann Baker", "Tom Hill"]],
    [
      "When the train stopped at last, Professor John\nHill and his wife got off and walked to the inn,\nwhere:\n1. Ann",
      ["When the train stopped at last , Professor John Hill and his wife got off and walked to the inn , where :", "1 .", "Ann"],
    ],
    [" ... ", ["."]],
  ])("tokens of %j", (text, expected) => expect(tokens(text)).toEqual(expected));

  it.each([
    ["marks", `Huxley${")".repeat(200_000)}`],
    ["apostrophes", `Huxley${"'".repeat(200_000)}`],
    ["periods and marks", `Huxley${".)".repeat(100_000)}`],
    ["openings", `${"'(".repeat(100_000)}Huxley`],
    ["one word", "x".repeat(1_000_000)],
    ["lines", "x\n".repeat(400_000).trimEnd()],
    ["marks apart", `Huxley${" )".repeat(200_000)}`],
  ])("many of them take no longer than they are long: %s", (_, text) => {
    const begin = performance.now();
    const sentences = sentencesOf(text, () => false);
    expect(performance.now() - begin).toBeLessThan(3000);
    expect(sentences.flat().at(-1)?.to).toBe(text.length);
    expect(sentences.every(({ length }) => length <= 500)).toBe(true);
  });

  it("a text's escapes do not reach the terminal, and its line ends are plain", () => {
    expect(textOf("Ann \u001b[31mBaker\r\nleft")).toBe("Ann ·[31mBaker\nleft");
  });

  it("tokens know their places", () => {
    const text = "So…\n\n “Mr. Ångström’s”, he said.";
    const places = sentencesOf(text, () => true).flat();
    expect(places.map(({ from, to }) => text.slice(from, to))).toEqual(["So", "…", "“", "Mr.", "Ångström’s", "”", ",", "he", "said", "."]);
  });
});

/** Sentences of a file each, as words of which those in brackets are names. */
function sentencesLike(...lines: string[]): Sentence[] {
  return lines.map((line, file) => {
    const tagged = line.split(" ");
    const words = tagged.map((word) => word.replace(/[[\]]/g, ""));
    return {
      file,
      words,
      tags: words,
      hints: hintsOf([words])[0] as Int32Array,
      labels: labelsOf(tagged.map((word) => word.startsWith("["))),
    };
  });
}

describe("baselines and scores", () => {
  const [sentence] = sentencesLike("Today [Ann] saw the Red [York] and [Bob] .") as [Sentence];

  it("capitals; the most frequent tag, else capitals", () => {
    expect([...byCapitals(sentence)]).toEqual([0, 1, 0, 0, 1, 2, 0, 1, 0]);
    const learned = sentencesLike("Today the Red sea", "the [Today] Today saw", "[and] and [and]");
    expect([...byFrequency(learned)(sentence)]).toEqual([0, 1, 0, 0, 0, 1, 2, 2, 0]);
  });

  it("spans that are the same, by file", () => {
    const two = [sentence, { ...sentence, file: 3 }];
    const counts = countSpans(two, [byCapitals(sentence), sentence.labels]);
    expect([counts.correct, counts.predicted, counts.actual].map((each) => [...each])).toEqual([
      [2, 3],
      [3, 3],
      [3, 3],
    ]);
    expect(scoreOf(counts)).toEqual({ f1: 10 / 12, precision: 5 / 6, recall: 5 / 6 });
    expect(scoreOf(counts, Int32Array.of(0, 0))).toEqual({ f1: 8 / 12, precision: 4 / 6, recall: 4 / 6 });
    expect(scoreOf(countSpans(two, [new Int32Array(9), new Int32Array(9)]))).toEqual({ f1: 0, precision: 0, recall: 0 });
    expect(scoreOf(countSpans(two, [byCapitals(sentence), sentence.labels], (_, { from }) => from === 1)).f1).toBe(1);
  });

  it("the result: ours, its baselines, and words that were not learned; errors by kind", () => {
    const learned = sentencesLike("[Ann] saw [Bob]", "the Red sea");
    const sides = { learned, watched: [], tested: [sentence] };
    const { measures } = resultOf(sides, [sentence.labels], { seed: 1, seconds: 2 });
    expect(measures.map(({ name, value }) => [name, value])).toEqual([
      ["span F1", 1],
      ["precision", 1],
      ["recall", 1],
      ["span F1 of words never learned", 1],
    ]);
    expect(measures[0]?.baselines.map(({ value }) => value)).toEqual([2 / 3, 2 / 3]);
    expect(measures[0]?.baselines[0]?.interval).toEqual([1 - 2 / 3, 1 - 2 / 3]);
    const lines = errorLines([sentence], [labelsOf([true, false, false, false, true, true, false, true, false])]);
    expect(lines.map((line) => /^ {2}(.{13}) {2}.*\[(.*)\]/.exec(stripVTControlCharacters(line))?.slice(1))).toEqual([
      ["missed       ", "Ann"],
      ["cut otherwise", "York"],
      ["not a name   ", "Today"],
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

  const sentences = sentencesLike("[Ann] saw a Red sea .", "Then [Bob] left", "a Red cat", "[Ann] and [Bob] [Ray] saw it");
  const known = knownOf(sentences);
  const vocabulary = new Vocabulary(known);
  const samples = sentences.map((sentence) => vocabulary.sample(sentence));

  it("three emissions a word, the same bits alone as in a batch; loaded again it is the same", async () => {
    const model = new Tagger(rt, known).eval();
    const emissions = async (of: Tagger, batchSize: number) => (await predict(of, samples, { batchSize })).map(({ names }) => names);
    const together = await emissions(model, 4);
    expect(together.map(({ shape }) => shape)).toEqual(sentences.map(({ words }) => [words.length, 3]));
    const alone = await emissions(model, 1);
    expect(alone.map(({ data }) => [...data])).toEqual(together.map(({ data }) => [...data]));
    const both = new Taggers(rt, known);
    both.take([model.save(), new Tagger(rt, known).save()]);
    const again = loadModel(rt, both.save(), { classes: { Taggers, CRF } }) as Taggers;
    expect(again.known).toEqual(known);
    const members = await predict(again, samples);
    expect(members.map(({ first }) => [...first.data])).toEqual(together.map(({ data }) => [...data]));
    expect(members[0]?.second.data).not.toEqual(members[0]?.first.data);
    const [mean, ...own] = [again, again.layers.first, again.layers.second].map(
      ({ layers: { crf } }) => crf.parameters()[2]?.toArray() ?? [],
    );
    expect(mean?.[3]).toBeCloseTo(((own[0]?.[3] as number) + (own[1]?.[3] as number)) / 2, 6);
  });

  it("two learn a few sentences by heart, and mark their names in a text", async () => {
    const files: Uint8Array[] = [];
    for (const seed of [1, 2]) {
      const tagger = new Tagger(rt, known);
      const optimizer = new AdamW(tagger.parameters(), { lr: 0.02 });
      const loss = { names: new CRFLoss(tagger.layers.crf), tags: new CrossEntropyLoss(rt) };
      const { epochs } = await fit(tagger, { data: samples, loss, optimizer, epochs: 60, batchSize: 2, seed });
      expect(epochs.at(-1)?.loss).toBeLessThan(0.5);
      files.push(tagger.save());
    }
    const model = new Taggers(rt, known);
    model.take(files);
    expect((await model.label(samples)).map((labels) => [...labels])).toEqual(sentences.map(({ labels }) => [...labels]));
    const names = await findNames(model, "Then Bob left");
    expect(names).toEqual([{ from: 5, to: 8 }]);
    expect(stripVTControlCharacters(marked("Then Bob left", names))).toMatch(/^Then \[?Bob\]? left$/);
  });

  it("refuses what is no such model, in a line", async () => {
    writeFileSync(inFolder("other.safetensors"), new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]).save());
    expect(refusal("--use", "Ann", "--save", inFolder("other.safetensors"))).toMatch(/expected a model of the example names$/);
    writeFileSync(inFolder("text.safetensors"), "no such file");
    expect(refusal("--use", "Ann", "--save", inFolder("text.safetensors"))).toMatch(
      /text.safetensors: expected a model of the example names$/,
    );
  });

  it("refuses hostile files", () => {
    const others = [
      changed(new Taggers(rt, known).save(), () => null),
      changed(new Taggers(rt, known).save(), (options) => ({ ...options, words: "x".repeat(known.words.length) })),
      changed(new Taggers(rt, known).save(), (options) => ({ ...options, words: known.words.map(() => 1) })),
      new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]).save(),
    ];
    for (const bytes of others) {
      writeFileSync(inFolder("hostile.safetensors"), bytes);
      expect(() => loadTaggers(rt, inFolder("hostile.safetensors"))).toThrow(
        /^.*hostile.safetensors: expected a model of the example names$/,
      );
    }
    const broken = new Taggers(rt, known);
    broken.parameters()[0]?.update((values) => values.fill(Number.NaN));
    writeFileSync(inFolder("broken.safetensors"), broken.save());
    expect(() => loadTaggers(rt, inFolder("broken.safetensors"))).toThrow(/broken.safetensors: weights that are no numbers$/);
  });
});

/** A model's file with other options of its outermost class. */
function changed(bytes: Uint8Array, change: (options: object) => object | null): Uint8Array {
  const { tensors, metadata } = loadSafetensors(bytes);
  const key = Object.keys(metadata).find((each) => metadata[each]?.includes('"type":"Taggers"')) as string;
  const config = JSON.parse(metadata[key] as string);
  return saveSafetensors(tensors, { ...metadata, [key]: JSON.stringify({ ...config, options: change(config.options) }) });
}

/** Of the program: one line, and nothing else. */
function refusal(...args: string[]): string {
  return refusalOf(args, "pipe");
}

function refusalOf(args: readonly string[], stdin: number | "pipe"): string {
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "names", ...args], {
    encoding: "utf8",
    env,
    stdio: [stdin, "pipe", "pipe"],
  });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return stderr.trimEnd();
}

describe("the program", () => {
  it("stdin that is a directory: refused in one line", () => {
    const directory = openSync(folder, "r");
    expect(refusalOf(["--use", "-"], directory)).toBe("error: --use -: stdin cannot be read (EISDIR)");
    closeSync(directory);
  });

  it.each([
    [["--use", "…"], /^error: --use: expected a text with a word in it$/],
    [
      ["--use", "Ann", "--save", "nowhere.safetensors"],
      /^error: cannot read the model nowhere.safetensors: there is no such file; learn it first: npm run example names$/,
    ],
    [["--use", "Ann", "--quick"], /^error: option '--use <text>' cannot be used with option '--quick'/],
    [["--quick", "--record"], /^error: option '--record' cannot be used with option '--quick'/],
    [["--seed", "one"], /^error: option '--seed <n>' .*'one'/],
    [["--resume", "--save", inFolder("none")], /^error: --resume: there is no checkpoint .*none.checkpoint$/],
  ])("%j: refused in one line", (args, message) => expect(refusal(...args)).toMatch(message));
});
