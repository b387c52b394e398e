/** sentiment: what its data are, what is counted, baselines with answers that are known, the model, and what `--use` refuses. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { createRuntime, predict } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { lexicon, majority, naiveBayes } from "../../examples/sentiment/baselines.js";
import { FOLDS, groupsOf, loadSentences } from "../../examples/sentiment/data.js";
import { countsOf, Known, type Learnable } from "../../examples/sentiment/known.js";
import { learn, logitsOf } from "../../examples/sentiment/learn.js";
import { logitOf, weighed } from "../../examples/sentiment/regression.js";
import { resultOf } from "../../examples/sentiment/report.js";
import { loadReaders, opinionOf, sentencesOf } from "../../examples/sentiment/use.js";
import { viewsOf, wordsOf } from "../../examples/sentiment/words.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "sentiment-"));
const { signal } = new AbortController();

const SMALL: Learnable[] = [
  { text: "good phone", class: 1 },
  { text: "good food", class: 1 },
  { text: "very good", class: 1 },
  { text: "bad phone", class: 0 },
  { text: "bad food", class: 0 },
  { text: "not good", class: 0 },
];

beforeAll(() => ensureBuild(), 120_000);

describe("the data", () => {
  it("are 3000 sentences, each in one fold, and what is nearly the same in the same one", () => {
    const sentences = loadSentences();
    expect(sentences).toHaveLength(3000);
    expect(sentences.filter((sentence) => sentence.class === 1)).toHaveLength(1500);
    const foldsOf = new Map<number, Set<number>>();
    for (const { group, fold } of sentences) foldsOf.set(group, (foldsOf.get(group) ?? new Set()).add(fold));
    expect([...foldsOf.values()].every((folds) => folds.size === 1)).toBe(true);
    const sizes = Array.from({ length: FOLDS }, (_, k) => sentences.filter(({ fold }) => fold === k).length);
    expect(Math.min(...sizes)).toBeGreaterThan(250);
    const byWords = new Map<string, number>();
    for (const { text, fold } of sentences) {
      const words = wordsOf(text).join(" ");
      expect(byWords.get(words) ?? fold).toBe(fold);
      byWords.set(words, fold);
    }
  });

  it("groups texts that share three fifths of their words, and what those are like", () => {
    expect(groupsOf([["a", "b", "c"], ["b", "c", "d"], ["a", "b", "c", "d"], [], []])).toEqual([0, 0, 0, 3, 4]);
    expect(groupsOf([["a", "b", "c"], ["d"], ["a", "b", "c", "e"]])).toEqual([0, 1, 0]);
    expect(
      groupsOf([
        ["a", "b", "c"],
        ["a", "b", "d", "e"],
      ]),
    ).toEqual([0, 1]);
  });
});

describe("what is counted", () => {
  it("of a word: itself, its beginning, the pair, and whether a not reaches it", () => {
    expect(viewsOf(wordsOf("Don’t really recommend it at all!"))).toEqual([
      ["don't", "^don't", "^ don't", "=don't"],
      ["really", "^reall", "don't really", "¬really"],
      ["recommend", "^recom", "really recommend", "¬recommend"],
      ["it", "^it", "recommend it", "¬it"],
      ["at", "^at", "it at", "=at"],
      ["all", "^all", "at all", "=all"],
      ["!", "^!", "all !", "=!"],
    ]);
  });

  it("a ratio is above 0 for glad words; a sentence that was counted is left out of its own", () => {
    const known = new Known(countsOf(SMALL));
    expect(known.ratio("good")).toBe(Math.log(4 / 2));
    expect(known.ratio("good", 1)).toBe(Math.log(3 / 2));
    expect(known.ratio("bad")).toBe(Math.log(1 / 3));
    expect([known.ratio("phone"), known.ratio("xyzzy"), known.ratio("very", 1)]).toEqual([0, 0, 0]);
    expect(known.sizes).toEqual({ words: 6, beginnings: 6 }); // good, bad, phone, food: met twice
    const { words, ratios } = known.inputs("Good xyzzy");
    expect([words[0], words[1], ratios[0]?.[0], ratios[1]?.[0]]).toEqual([expect.any(Number), 1, Math.log(2), 0]);
    expect(words[0]).toBeGreaterThan(1);
  });
});

describe("what needs no network", () => {
  it("knows a bad phone", () => {
    const bayes = naiveBayes(SMALL);
    expect(["good phone", "a bad phone"].map(bayes)).toEqual([true, false]);
    expect(["I love it", "I hate it"].map(lexicon())).toEqual([true, false]);
    expect(majority(SMALL.slice(1))("bad")).toBe(false);
    expect(majority(SMALL.slice(0, 5))("bad")).toBe(true);
  });

  it("a regression parts what can be parted", () => {
    const counts = weighed(countsOf(SMALL), SMALL);
    const known = new Known(counts);
    expect(SMALL.map(({ text }) => Number(logitOf(counts, known, text) > 0))).toEqual(SMALL.map((sentence) => sentence.class));
    expect(known.weight("xyzzy")).toBe(0);
  });

  it("the interval of our own accuracy stands beside the figure to be beaten", () => {
    const sentences = loadSentences().slice(0, 1000);
    const [all, none] = [sentences.map(() => 1), sentences.map(() => 0)];
    const judged = Object.fromEntries(
      ["three BiLSTMs and a regression", "the BiLSTMs alone", "the regression alone (NB-SVM)", "naive Bayes", "a lexicon (AFINN)"].map(
        (name, i) => [name, i === 0 ? all : none],
      ),
    );
    const { measures } = resultOf(sentences, { ...judged, "the more frequent class": none } as never, { seed: 1, seconds: 1 });
    expect(measures[0]?.value).toBe(100);
    const [former, alone] = measures[0]?.baselines ?? [];
    expect(former?.interval?.map((end) => end.toFixed(6))).toEqual(["16.300000", "16.300000"]);
    expect(alone?.interval).toEqual([100, 100]);
  });
});

describe("the model", () => {
  it("learns a handful by heart, says the same alone and in a batch, and comes back from its file", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const model = await learn(rt, SMALL, { epochs: 60, signal });
    const texts = SMALL.map(({ text }) => text);
    const logits = await logitsOf(model, [...texts, "it was a very good phone indeed"]);
    expect(logits.slice(0, 6).map(({ networks }) => Number(networks > 0))).toEqual(SMALL.map((sentence) => sentence.class));
    expect(logits.map(({ networks, regression, together }) => together - networks - regression)).toEqual(
      logits.map(() => expect.closeTo(0, 6)),
    );
    const alone = await predict(model, [{ x: model.known.inputs(texts[0] as string) }]);
    const [cross = 0, glad = 0] = alone[0]?.data ?? [];
    expect((glad - cross) / 3).toBeCloseTo(logits[0]?.networks as number, 5);
    const file = join(folder, "small.safetensors");
    writeFileSync(file, model.save());
    const again = loadReaders(rt, file);
    expect(await logitsOf(again, texts)).toEqual(logits.slice(0, 6));
    const { logit, pieces } = await opinionOf(again, "a bad, bad phone!");
    expect(logit).toBeLessThan(0);
    expect(pieces.map(({ text }) => text)).toEqual(["a ", "bad, ", "bad ", "phone!"]);
  });

  it("refuses files that are not its own", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    expect(() => loadReaders(rt, "README.md")).toThrow(/^README.md: expected a model of the example sentiment$/);
  });
});

describe("the program", () => {
  it.each([
    [["--use", " ... "], /^error: --use: expected a sentence with a word in it$/],
    [
      ["--use", "a", "--save", "nowhere"],
      /^error: cannot read the model nowhere: there is no such file; learn it first: npm run example sentiment$/,
    ],
    [["--use", "a", "--quick"], /^error: option '--use <text>' cannot be used with option '--quick'$/],
    [["--record", "--quick"], /^error: option '--record' cannot be used with option '--quick'$/],
    [["--seed", "one"], /^error: option '--seed <n>' .*'one'/],
  ])("%j: refused in one line", (args, message) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "sentiment", ...args], {
      encoding: "utf8",
      env,
    });
    expect(stderr.trimEnd()).toMatch(message);
    expect([stdout, status]).toEqual(["", 1]);
  });

  it("takes a sentence a line, and none that is too long", () => {
    expect(sentencesOf("so\n good\u001b[31m")).toEqual(["so good·[31m"]);
    expect(() => sentencesOf("word ".repeat(500))).toThrow(/at most 500 characters, got 2499: a sentence a line$/);
  });
});
