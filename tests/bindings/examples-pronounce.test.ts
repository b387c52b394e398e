/** The example "pronounce": its words and families, what needs no network, its model, and what it refuses. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdamW, createRuntime, Dense, fit, loadSafetensors, predict, Sequential, saveSafetensors } from "wasm-rnn";
import { CTCLoss, ctcGreedy, loadOperators } from "wasm-rnn/sequence";
import { align, phonesOfChunks } from "../../examples/pronounce/alignment.js";
import { byContext, byLetter } from "../../examples/pronounce/baselines.js";
import { arpabet, PHONE_OF, PHONES, partsOf, readWords, type Word } from "../../examples/pronounce/data.js";
import { familyOf } from "../../examples/pronounce/family.js";
import { ipa } from "../../examples/pronounce/ipa.js";
import { encoder, triosOf } from "../../examples/pronounce/letters.js";
import { type Settings, Speller, Spellers } from "../../examples/pronounce/model.js";
import { JointModel } from "../../examples/pronounce/ngram.js";
import { opinions } from "../../examples/pronounce/opinion.js";
import { parseOptions } from "../../examples/pronounce/options.js";
import { together } from "../../examples/pronounce/report.js";
import { intervalOf, PHONE_ERRORS, rateOf, scoreOf, WORD_ERRORS } from "../../examples/pronounce/score.js";
import { samplesOf } from "../../examples/pronounce/speller.js";
import { readModel, wordsOf } from "../../examples/pronounce/use.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");

const folder = mkdtempSync(join(tmpdir(), "pronounce-"));

beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const phones = (text: string) => text.split(" ").map((phone) => PHONES.indexOf(phone as (typeof PHONES)[number]) + 1);
const word = (spelling: string, ...said: string[]): Word => ({ spelling, said: said.map(phones), stressed: said.map(phones) });
const SMALL: Settings = { trios: [], stress: true, embedding: 4, hidden: 4 };
const encode = encoder([]);
/** Every c is said K before a and S before i. */
const LITTLE = [
  ...[word("cat", "K AE T"), word("cit", "S IH T"), word("tac", "T AE K"), word("tic", "T IH K"), word("at", "AE T"), word("it", "IH T")],
  ...[word("ca", "K AE"), word("cac", "K AE K"), word("cica", "S IH K AE"), word("cici", "S IH S IH")],
];

describe("the words", () => {
  let words: Word[] = [];
  beforeAll(() => {
    words = readWords();
  });

  it("other ways of a word go to it; stress, remarks, dots and hyphens do not count", () => {
    const few = readWords({
      read: "R EH1 D",
      "read(2)": "R IY1 D",
      "a.m.": "EY2 EH1 M",
      "ad-hoc": "AE1 D HH AA1 K",
      mont: "M OW1 N # name, french",
      "'s": "EH1 S",
    });
    expect(few.map(({ spelling, said }) => ({ spelling, said, stressed: said }))).toEqual([
      word("read", "R EH D", "R IY D"),
      ...[word("am", "EY EH M"), word("adhoc", "AE D HH AA K"), word("mont", "M OW N"), word("'s", "EH S")],
    ]);
    const [contest] = readWords({ contest: "K AA1 N T", "contest(2)": "K AA0 N T", "contest(3)": "K AA1 N T" }) as [Word];
    expect(contest.said).toEqual([phones("K AA N T")]);
    expect(contest.stressed.map(([, vowel]) => vowel)).toEqual([40, 1]);
    expect(contest.stressed.map((sounds) => sounds.map((sound) => PHONE_OF[sound]))).toEqual([contest.said[0], contest.said[0]]);
    expect(PHONE_OF).toHaveLength(1 + 39 + 2 * 15);
    expect(() => readWords({ a: "EY1 QQ" })).toThrow('expected phones, got "EY1 QQ"');
  });

  it("kin share a family", () => {
    for (const kin of [
      ["make", "makes", "making", "maker", "makers", "maker's", "makers'"],
      ["study", "studies", "studied", "studying"],
      ["run", "runs", "running", "runner"],
      ["mcdonald", "macdonald", "mcdonalds", "mcdonald's"],
      ["hofman", "hofmann", "hoffmann"],
      ["lobsterman", "lobstermen", "lobstermen's"],
      ["obrien", "o'brien", "o'brien's"],
      ["quick", "quickly", "quickest", "quickness"],
    ])
      expect(new Set(kin.map(familyOf)).size, kin.join()).toBe(1);
    expect(new Set(["cat", "dog", "mouse", "make", "run"].map(familyOf)).size).toBe(5);
  });

  it.each(["s", "'s", "ed", "ing", "er", "es", "man"])("of the dictionary's words with -%s hardly any is without its kin", (ending) => {
    const spellings = new Set(words.map((each) => each.spelling));
    const pairs = [...spellings].filter((own) => own.length > 3 && spellings.has(own + ending));
    expect(pairs.length).toBeGreaterThan(800);
    expect(pairs.filter((own) => familyOf(own) !== familyOf(own + ending)).length).toBeLessThan(10);
  });

  it("no word and no family is in two parts, all are in one, and nine in ten are learned", () => {
    const parts = Object.values(partsOf(words));
    expect(parts.flat().length).toBe(words.length);
    expect(new Set(words.map((each) => each.spelling)).size).toBe(words.length);
    const families = parts.map((part) => new Set(part.map((each: Word) => familyOf(each.spelling))));
    const all = families.flatMap((each) => [...each]);
    expect(new Set(all).size).toBe(all.length);
    for (const [p, share] of [0.9, 0.05, 0.05].entries())
      expect(Math.abs((parts[p] as Word[]).length / words.length - share)).toBeLessThan(0.01);
  });

  it("each letter is read alone and between its neighbours; what is rare is 0", () => {
    const trios = triosOf([...Array.from({ length: 5 }, () => word("cat", "K AE T")), word("cab", "K AE B")]);
    expect(trios).toEqual([" ca", "cat", "at "]);
    expect([...encoder(trios)("cab")]).toEqual([3, 28, 1, 0, 2, 0]);
  });
});

describe("without a network", () => {
  const aligned = align(LITTLE);

  it("letters and phones are put side by side", () => {
    for (const [w, chunks] of aligned.entries()) {
      expect(chunks).toHaveLength((LITTLE[w] as Word).spelling.length);
      expect(phonesOfChunks(chunks as number[])).toEqual((LITTLE[w] as Word).said[0]);
    }
    expect(align([word("x", "EH K S")])).toEqual([undefined]); // three phones of one letter
  });

  it("by letter c is always K, by context S before i, by the n-gram too", () => {
    expect(arpabet(byLetter(LITTLE, aligned)("cit"))).toBe("K IH T");
    expect(arpabet(byContext(LITTLE, aligned)("citac"))).toBe("S IH T AE K");
    const ngram = new JointModel(LITTLE, aligned);
    expect(arpabet(ngram.speak("citac"))).toBe("S IH T AE K");
    expect(ngram.logProbability("cit", phones("S IH T"))).toBeGreaterThan(ngram.logProbability("cit", phones("K IH T")) + 1);
    expect(ngram.logProbability("it", phones("IH T IH T IH T"))).toBe(Number.NEGATIVE_INFINITY);
  });

  it("the n-gram's probabilities are those of Kneser and Ney, by hand", () => {
    const words = [word("a", "AE"), word("a", "AE"), word("a", "EY")];
    const ngram = new JointModel(words, align(words));
    // a·AE behind the edge: (1.2 + 0.8·2·0.25)/3; the edge behind both: (1.2 + 0.8·0.6)/2, 0.6 being that behind a·AE, and 0.5 behind anything
    expect(Math.exp(ngram.logProbability("a", phones("AE")))).toBeCloseTo((1.6 / 3) * 0.84, 12);
    expect(Math.exp(ngram.logProbability("a", phones("EY")))).toBeCloseTo(0.2 * 0.68, 12);
  });

  it("the n-gram decides between what the network finds alike", () => {
    const ngram = new JointModel(LITTLE, aligned);
    const beam = ["K IH T", "S IH T"].map((text) => ({ phones: phones(text), logProbability: -1 }));
    expect(arpabet(together(beam, "cit", ngram))).toBe("S IH T");
    expect(arpabet(together([{ ...beam[0], logProbability: 50 } as (typeof beam)[0], ...beam.slice(1)], "cit", ngram))).toBe("K IH T");
  });
});

describe("the figures", () => {
  it("right is what is one of the ways; edits are those from the nearest", () => {
    const read = word("read", "R EH D", "R IY D Z");
    expect(scoreOf(read, phones("R IY D Z"))).toEqual({ edits: 0, phones: 4 });
    expect(scoreOf(read, phones("R IY D"))).toEqual({ edits: 1, phones: 3 });
    const scores = [scoreOf(read, phones("R IY D Z")), scoreOf(read, phones("R IY D"))];
    expect(rateOf(scores, WORD_ERRORS)).toBe(50);
    expect(rateOf(scores, PHONE_ERRORS)).toBeCloseTo(100 / 7, 10);
  });

  it("an interval is of families: of one alone it has no width", () => {
    const words = [word("cat", "K AE T"), word("cats", "K AE T S"), word("cat's", "K AE T S")];
    const [right, wrong] = [
      { edits: 0, phones: 3 },
      { edits: 2, phones: 3 },
    ];
    const interval = intervalOf(words, [right, right, right], [wrong, wrong, right], WORD_ERRORS, 1);
    for (const end of interval) expect(end).toBeCloseTo(200 / 3, 10);
  });
});

describe("the model", () => {
  it("gives two frames a letter, heeds no neighbour in the batch, and learns a few words by heart", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const model = new Speller(rt, { ...SMALL, hidden: 16, embedding: 16 });
    const data = LITTLE.flatMap((own) => samplesOf(own, SMALL));
    const loss = new CTCLoss(rt);
    await fit(model, { data, loss, optimizer: new AdamW(model.parameters(), { lr: 0.02 }), epochs: 60, batchSize: 5, seed: 1 });
    const spellings = LITTLE.map(({ spelling }) => encode(spelling));
    const [together, alone] = [await predict(model, spellings), await predict(model, spellings, { batchSize: 1 })];
    expect(together.map(({ shape }) => shape)).toEqual(LITTLE.map(({ spelling }) => [2 * spelling.length, 70]));
    expect(together.map(({ data }) => data)).toEqual(alone.map(({ data }) => data));
    expect(together.map((logits) => arpabet(ctcGreedy(logits)))).toEqual(LITTLE.map(({ said }) => arpabet(said[0] as number[])));
  });

  it("two have the mean of their opinions, whatever the stress; what else is asked is judged too", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const model = new Spellers(rt, { first: SMALL, second: { ...SMALL, stress: false } });
    const [said = []] = await opinions(model, ["a"]);
    const chanceOf = async (member: Speller, text: string) => {
      const [logits] = await predict(member, [encode("a")]);
      const { data } = logits as { data: Float32Array };
      const classes = data.length / 2;
      const rows = [data.slice(0, classes), data.slice(classes)].map((row) => {
        const all = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
        return (phone: number) =>
          PHONE_OF.slice(0, classes).reduce((sum, own, sound) => sum + (own === phone ? Math.exp(row[sound] as number) / all : 0), 0);
      }) as [(phone: number) => number, (phone: number) => number];
      const [phone = 0] = phones(text);
      return rows[0](phone) * rows[1](0) + rows[0](0) * rows[1](phone) + rows[0](phone) * rows[1](phone);
    };
    const { first, second } = model.layers;
    for (const {
      phones: [phone = 0, ...more],
      logProbability,
    } of said.filter(({ phones }) => phones.length === 1)) {
      expect(more).toEqual([]);
      const name = PHONES[phone - 1] as string;
      expect(logProbability).toBeCloseTo(0.5 * Math.log((await chanceOf(first, name)) * (await chanceOf(second, name))), 4);
    }
    const asked = phones("ZH");
    const [all = []] = await opinions(model, ["a"], () => [asked]);
    expect(all.some((own) => own.phones.join() === asked.join())).toBe(true);
    const values = all.map(({ logProbability }) => logProbability);
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });

  it("a file of another program, or a hostile one, is refused", async () => {
    using rt = await createRuntime({ seed: 1 });
    const file = join(folder, "hostile.safetensors");
    const speller = new Spellers(rt, { first: SMALL, second: { ...SMALL, trios: ["cat"], stress: false } });
    writeFileSync(file, speller.save());
    readModel(rt, file);
    const { tensors, metadata } = loadSafetensors(speller.save());
    const key = Object.keys(metadata).find((each) => metadata[each]?.includes('"type":"Spellers"')) as string;
    const config = JSON.parse(metadata[key] as string);
    const others = [
      null,
      {},
      { ...config.options, first: { ...SMALL, hidden: 0 } },
      { ...config.options, first: { ...SMALL, hidden: "4" } },
      { ...config.options, first: { ...SMALL, trios: [1] } },
      { ...config.options, first: { ...SMALL, trios: "a" } },
      { ...config.options, second: undefined },
    ].map((options) => saveSafetensors(tensors, { ...metadata, [key]: JSON.stringify({ ...config, options }) }));
    for (const bytes of [...others, new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]).save()]) {
      writeFileSync(file, bytes);
      expect(() => readModel(rt, file)).toThrow(/^.*hostile.safetensors: expected a model of the example pronounce$/);
    }
    speller.layers.second.layers.head.parameters()[0]?.update((values) => values.fill(Number.POSITIVE_INFINITY));
    writeFileSync(file, speller.save());
    expect(() => readModel(rt, file)).toThrow(/hostile.safetensors: weights that are no numbers$/);
  });

  it("a word with more phones than frames is not learned", () => {
    expect(samplesOf(word("q", "K Y UW"), SMALL)).toEqual([]);
    expect(samplesOf(word("oo", "OW OW OW"), SMALL)).toEqual([]); // blanks between make five
    const ways = ["EH K", "K"].map((way) => ({ x: encode("x"), y: Int32Array.from(phones(way)) }));
    expect(samplesOf(word("x", "EH K", "K Y UW", "K"), SMALL)).toEqual(ways);
  });
});

describe("the program", () => {
  it("reads words of one's own", () => {
    expect(wordsOf(" Don’t  PANIC ")).toEqual(["don't", "panic"]);
    expect(() => wordsOf("naïve idea")).toThrow('--use: expected the letters a to z and apostrophes, got "ï" in naïve');
    expect(() => wordsOf(" ")).toThrow("--use: expected a word, or several with spaces between them, got nothing");
    expect(ipa(phones("CH EY N JH"))).toBe("tʃeɪndʒ");
  });

  it("refuses a long word in a short line", () => {
    expect(wordsOf("a".repeat(50))).toHaveLength(1);
    for (const letter of ["a", "ï"])
      expect(() => wordsOf(letter.repeat(100_000))).toThrow(/^--use: expected words of at most 50 letters, got one of 100000$/);
  });

  it("refuses what contradicts", () => {
    const parse = (...args: string[]) => parseOptions(["node", "main", ...args]);
    expect(() => parse("--record", "--quick")).toThrow("--record: only full runs are recorded");
    expect(() => parse("--use", "word", "--quick")).toThrow("--quick: a model is used, none is learned");
    expect(() => parse("--record", "--resume")).toThrow("--record: the time of a resumed run says nothing");
    expect(parse("--quick").save).toBe("models/pronounce-quick.safetensors");
    expect(parse("--quick", "--save", "x").save).toBe("x");
  });

  it.each([
    [["--use", "one 2 naïve \u001b[2J 2"], /got "2" in 2, "ï" in naïve, "\\u001b" in ·\[2j$/],
    [["--resume", "--save", "nowhere"], /^error: --resume: there is no checkpoint nowhere.checkpoint$/],
    [["--resume", "--quick", "--save", "nowhere"], /^error: --resume: there is no checkpoint nowhere.checkpoint$/],
    [["--use", "naïve"], /^error: --use: expected the letters a to z and apostrophes, got "ï" in naïve$/],
    [
      ["--use", "word", "--save", "nowhere.safetensors"],
      /^error: cannot read the model nowhere.safetensors: there is no such file; learn it first: npm run example pronounce$/,
    ],
    [["--use", "word", "--save", "README.md"], /^error: README.md: expected a model of the example pronounce$/],
  ])("%j: refused in one line", (args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "pronounce", ...args], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});
