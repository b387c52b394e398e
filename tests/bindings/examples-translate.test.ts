/** The example translate: its texts and parts, its subwords, its baselines and scores, how attention is drawn, and what the program refuses. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { mo } from "gettext-parser";
import { Parser } from "htmlparser2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdamW, createRuntime, Dense, fit, loadSafetensors, Sequential, saveSafetensors } from "wasm-rnn";
import { bleu, chrf, loadOperators } from "wasm-rnn/sequence";
import { labelledHeatMap } from "../../examples/shared/heat-map.js";
import { attentionOf, wordsIn } from "../../examples/translate/attention.js";
import { mostAgreed } from "../../examples/translate/consensus.js";
import { loadParts, parted, partOf } from "../../examples/translate/data.js";
import { HELP, helpPairs, paragraphs } from "../../examples/translate/help.js";
import { INTERFACE, interfacePairs, plain } from "../../examples/translate/interface.js";
import { dictionary, wordForWord } from "../../examples/translate/lexicon.js";
import { build, lossOf, samplesOf } from "../../examples/translate/model.js";
import { Names, withMarks, withNames } from "../../examples/translate/names.js";
import { isNear, nearOneOf, normalized } from "../../examples/translate/near.js";
import { Neighbours } from "../../examples/translate/retrieval.js";
import { intervalOf, scoreOf, spaced, sumsOf } from "../../examples/translate/scores.js";
import { EOS, Subwords, UNKNOWN } from "../../examples/translate/subwords.js";
import { picture } from "../../examples/translate/svg.js";
import { isPair, tidied } from "../../examples/translate/tidy.js";
import { checkPlace, loadTranslator, saved, textOf, translateAll } from "../../examples/translate/use.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "translate-"));

beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the texts", () => {
  it("paragraphs by id: entities, breaks, mark-up inside; what depends on the system as it is by default", () => {
    const html = `<title>no</title><p dir="auto">no id</p><h1 id="h">
      <a name="x">Save &amp;\u00a0close</a></h1><p id="p">Press <span class="switchinline"><span hidden="true" id="MACx" class="MAC">Command</span><span
      hidden="true" id="defaultx">Ctrl</span></span>+<b>Z</b>.<br>Again</p><table><tr><td id="t">a <p id="q">cell</p></td></tr></table>`;
    expect([...paragraphs(html)]).toEqual([
      ["h", "Save & close"],
      ["p", "Press Ctrl+Z. Again"],
      ["q", "cell"],
      ["t", "a"],
    ]);
  });

  it("pages of two languages, side by side", () => {
    const put = (language: "en" | "de", page: string, html: string) => {
      const file = join(folder, "help", HELP[language].folder, page);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, html);
    };
    put("en", "b.html", "<p id=1>Close the window.</p><p id=2>LibreOffice</p><p id=3>only here</p>");
    put("de", "b.html", "<p id=1>Schließen Sie das Fenster.</p><p id=2>LibreOffice</p>");
    put("en", "a/c.html", "<p id=1>Two words</p>");
    put("de", "a/c.html", "<p id=1>Zwei Wörter</p>");
    put("en", "untranslated.html", "<p id=1>Two words</p>");
    const root = join(folder, "help");
    expect(helpPairs([root, root])).toEqual([
      { en: "Two words", de: "Zwei Wörter", page: "a/c.html" },
      { en: "Close the window.", de: "Schließen Sie das Fenster.", page: "b.html" },
    ]);
  });

  it("interface strings without the marks of keys; none with placeholders", () => {
    expect(plain("Zeichen_vorlage:")).toBe("Zeichenvorlage:");
    expect(plain("Save ~As...")).toBe("Save As...");
    expect(plain("About %PRODUCTNAME")).toBe("About LibreOffice");
    for (const text of ["%PRODUCTVERSION", "$(ARG1) pages", "%1 of %2", "<b>now</b>", "Row {0}"]) expect(plain(text)).toBeUndefined();
    expect(plain("50 % of it")).toBe("50 % of it");
  });

  it("pairs that are worth it", () => {
    expect(tidied(" \u2022 one\u00ad\u200b \n two\u00a0")).toBe("one two");
    expect(isPair({ en: "Cut", de: "Ausschneiden" })).toBe(true);
    expect(isPair({ en: "Basic", de: "Basic" })).toBe(false);
    expect(isPair({ en: "1 + 2", de: "1 - 2" })).toBe(false);
    expect(isPair({ en: "one ".repeat(15).trim(), de: "ein ".repeat(15).trim() })).toBe(true);
    expect(isPair({ en: "one ".repeat(16).trim(), de: "ein ".repeat(16).trim() })).toBe(false);
    expect(isPair({ en: "Opens the dialog.", de: "Es ist so, dass hiermit das Dialogfeld geöffnet wird, und zwar sofort." })).toBe(false);
  });
});

describe("the parts", () => {
  it("what is nearly the same: digits, signs and case apart, a word of five more, or another ending", () => {
    expect(normalized("Row 12: SAVE!")).toBe("row save");
    expect(isNear("Press Enter 2 times.", "press enter 10 times")).toBe(true);
    expect(isNear("Choose Insert and Table Rows", "Choose Table and Insert")).toBe(true); // 4 words of 5
    expect(isNear("Formatting the Paragraphs", "Formatting the Paragraph")).toBe(true);
    expect(isNear("Opens the color dialog.", "Closes the font window.")).toBe(false);
    const texts = ["Opens the dialog.", "Formatting the Paragraphs", "Press Enter 2 times."];
    const probes = [...texts, "Formatting the Paragraph", "Opens the window.", "press enter", "Press Enter twice", "the Opens dialog"];
    for (const probe of probes) expect([probe, nearOneOf(texts)(probe)]).toEqual([probe, texts.some((text) => isNear(text, probe))]);
  });

  const page = (part: string) => Array.from({ length: 500 }, (_, i) => `page${i}.html`).find((name) => partOf(name) === part) as string;

  it("pages are parted; what is on two sides is on the later one alone, and so is what is like it in one language", () => {
    const [learnedPage, watchedPage, testedPage] = ["learned", "watched", "tested"].map(page) as [string, string, string];
    const parts = parted(
      [
        { en: "Opens the color dialog.", de: "Öffnet den Farbdialog.", page: learnedPage },
        { en: "Deletes all rows at once.", de: "Löscht sofort alle Zeilen.", page: learnedPage },
        { en: "Removes every line now.", de: "Löscht sofort alle Zeilen!", page: testedPage },
        { en: "Opens the color dialog", de: "Der Farbdialog geht auf", page: watchedPage },
        { en: "Removes 2 every line now.", de: "Entfernt nun jede Zeile.", page: watchedPage },
        { en: "Two words", de: "Zwei Wörter", page: testedPage },
        { en: "Another sentence is learned.", de: "Ein anderer Satz wird gelernt.", page: learnedPage },
      ],
      [
        { en: "Insert a page break", de: "Seitenumbruch einfügen" },
        { en: "Remove each line now", de: "Löscht alle Zeilen sofort" },
      ],
    );
    expect(parts.tested.map(({ en }) => en)).toEqual(["Removes every line now."]);
    expect(parts.watched.map(({ en }) => en)).toEqual(["Opens the color dialog"]);
    expect(parts.learned.map(({ en }) => en)).toEqual(["Another sentence is learned.", "Insert a page break"]);
    expect(parts.counts).toMatchObject({ pages: 3, help: 7, strings: 2, left: 3 });
  });

  it("of LibreOffice's own, nothing is nearly on both sides", () => {
    const { learned, watched, tested } = loadParts({ quick: true });
    expect(learned.length).toBeGreaterThan(1000);
    expect(tested.length).toBeGreaterThan(20);
    expect(watched.length).toBeGreaterThan(20);
    const twice = (one: readonly { en: string; de: string }[], other: readonly { en: string; de: string }[]) =>
      one.filter((a) => other.some((b) => isNear(a.en, b.en) || isNear(a.de, b.de)));
    expect(twice(watched, tested)).toEqual([]);
    const some = learned.filter((_, i) => i % 29 === 0); // every pair takes seconds
    expect(twice(some, [...watched, ...tested])).toEqual([]);
    const pages = new Set(tested.map(({ page }) => page));
    expect(watched.filter(({ page }) => pages.has(page))).toEqual([]);
  });
});

describe("the subwords", () => {
  const texts = Array.from({ length: 10 }, () => "low lower lowest newer wider, 10 new");

  it("the most frequent pairs first, those of one count in the order of their letters", () => {
    const { tokens } = Subwords.learn(texts, 3 + 14 + 3);
    const letters = [" ", ",", "0", "1", "d", "e", "i", "l", "n", "o", "r", "s", "t", "w"];
    expect(tokens.slice(3, 17)).toEqual(letters);
    expect(tokens.slice(17)).toEqual([" l", " lo", " low"]); // 30 times each; so are "er" and "we", later letters than a space
  });

  it("text → numbers → text, also after writing and reading; a character never met is the unknown one", () => {
    const learned = Subwords.learn(texts, 40);
    const read = Subwords.parse(learned.toString());
    for (const text of ["low", "newest wide tower, 01", "lowlow we"]) {
      expect(learned.decode(learned.encode(text))).toBe(text);
      expect(read.encode(text)).toEqual(learned.encode(text));
    }
    expect(learned.encode("low").length).toBe(1);
    expect(learned.encode("Ω").slice(-1)).toEqual([UNKNOWN]);
    const long = "low".repeat(300_000);
    expect(learned.encode(long)).toHaveLength(long.length + 1); // letter by letter, at once
    expect(learned.decode(learned.encode("lΩw"))).toBe("l\ufffdw");
  });
});

describe("names that stay as they are", () => {
  const pairs = [
    { en: "Opens LibreOffice.", de: "Öffnet LibreOffice." },
    { en: "The PDF file of LibreOffice", de: "Die Datei PDF von LibreOffice" },
    { en: "TRUE or FALSE", de: "WAHR oder FALSCH" },
  ];

  it("are those with capitals, digits or dots inside, unless they are mostly translated", () => {
    const names = Names.learn(pairs);
    expect(names.of("Exports TRUE as com.sun.Star, PDF and Basic; 25 pages, LibreOffice 7x")).toEqual([
      "com.sun.Star",
      "PDF",
      "LibreOffice",
      "7x",
    ]);
    expect(Names.parse(names.toString()).of("TRUE PDF")).toEqual(["PDF"]);
  });

  it("become marks where both languages have them, and come back", () => {
    const names = Names.learn(pairs);
    expect(names.marked({ en: "LibreOffice opens PDF files", de: "LibreOffice öffnet Dateien" })).toEqual({
      en: "\ue000 opens PDF files",
      de: "\ue000 öffnet Dateien",
    });
    const text = "Opens a PDF in LibreOffice";
    expect(withMarks(text, names.of(text))).toBe("Opens a \ue000 in \ue001");
    expect(withNames("In \ue001 öffnen: \ue000, \ue002", names.of(text))).toBe("In LibreOffice öffnen: PDF,");
    expect(withNames("\ue000", ["$&"])).toBe("$&");
  });
});

describe("the baselines", () => {
  const pairs = [
    { en: "the house", de: "das Haus" },
    { en: "the book", de: "das Buch" },
    { en: "a book", de: "ein Buch" },
  ];

  it("word for word: IBM model 1 tells words apart that always stand beside others (Koehn's example)", () => {
    const words = dictionary(pairs);
    expect(["the", "house", "book", "a"].map((word) => words.get(word))).toEqual(["das", "Haus", "Buch", "ein"]);
    expect(wordForWord(words, "The book, a (zebra).")).toBe("Das Buch, ein (zebra).");
  });

  it("the neighbour: a rare word counts for more than a frequent one", () => {
    const neighbours = new Neighbours(pairs);
    expect(neighbours.translate("That is a house")).toBe("das Haus");
    expect(neighbours.translate("a book")).toBe("ein Buch");
    expect(neighbours.translate("zebra")).toBe("zebra");
  });
});

describe("the scores", () => {
  const pairs = [
    { en: "", de: "Öffnet den Dialog Drucken.", page: "a" },
    { en: "", de: "Klicken Sie auf OK.", page: "b" },
    { en: "", de: "Wählen Sie die Datei, und klicken Sie auf Öffnen.", page: "b" },
  ];
  const said = ["Öffnet das Dialogfeld Drucken.", "Klicken Sie auf OK.", "Wählen Sie die Datei und klicken Sie."];

  it("sums by page make what the metrics make of all pairs at once", () => {
    const sums = sumsOf(pairs, said);
    const both = pairs.map(({ de }, i) => ({ reference: de, hypothesis: said[i] as string }));
    expect(scoreOf("chrF", sums)).toBeCloseTo(100 * chrf().of(both).chrf, 10);
    const spacedOut = both.map(({ reference, hypothesis }) => ({ references: [spaced(reference)], hypothesis: spaced(hypothesis) }));
    expect(scoreOf("BLEU", sums)).toBeCloseTo(100 * bleu().of(spacedOut).bleu, 10);
    expect(scoreOf("BLEU", sums)).toBeGreaterThan(20);
    expect(spaced("AutoKorrektur-Optionen (neu).")).toBe("AutoKorrektur-Optionen ( neu ) .");
  });

  it("the interval of a system beside itself is nothing, beside a worse one above", () => {
    const [ours, silent] = [sumsOf(pairs, said), sumsOf(pairs, ["", "", ""])];
    expect(intervalOf("chrF", ours, ours, 1)).toEqual([0, 0]);
    expect(intervalOf("chrF", ours, silent, 1)[0]).toBeGreaterThan(30);
  });
});

describe("the consensus", () => {
  const found = [{ score: -1 }, { score: -1.1 }, { score: -1.2 }];

  it("is what is most like all that was found, not what is likeliest", () => {
    const texts = ["Kiste zu", "Das Fenster schließen", "Fenster öffnen"];
    expect(mostAgreed(found, texts, "Fenster zu")).toBe(1);
    expect(mostAgreed([{ score: -0.1 }, { score: -5 }, { score: -5 }], texts, "Kiste")).toBe(0);
  });

  it("heeds the dictionary where the others are divided", () => {
    const texts = ["Löscht die Zeile", "Entfernt den Ordner", "Schreibt das Kapitel"];
    expect(mostAgreed(found, texts, "Schreibt Kapitel")).toBe(2);
    expect(mostAgreed(found, texts, "")).toBe(0);
  });
});

describe("the attention", () => {
  const tokens = ["\ufffd", "<s>", "</s>", " Save", " docu", "ment", ".", "A", " "];

  it("subwords are joined to words, signs and the end stand alone", () => {
    expect(wordsIn([3, 4, 5, 6, EOS], tokens).map(({ text }) => text)).toEqual(["Save", "document", ".", "(end)"]);
    expect(wordsIn([6, 7], tokens).map(({ text }) => text)).toEqual([".", "A"]);
    expect(wordsIn([8, 6, 8, 7, 8, EOS], tokens).map(({ text, to }) => [text, to])).toEqual([
      [".", 2],
      ["A", 4],
      ["", 5],
      ["(end)", 6],
    ]);
  });

  it("weights are summed over what is read, and are means over what is said", () => {
    const source = wordsIn([4, 5, EOS], tokens);
    const { weights } = attentionOf(source, wordsIn([4, 5], tokens), [
      [0.5, 0.25, 0.25],
      [0.25, 0.25, 0.5],
    ]);
    expect(weights).toEqual([[0.625, 0.375]]);
  });

  it("a terminal's map fits it, each word on its column", () => {
    const source = ["Save", "the", "document", "."];
    const lines = labelledHeatMap(
      [
        [1, 0, 0, 0],
        [0, 0, 0.99, 0],
      ],
      source,
      ["Speichern", "Dokument"],
      80,
    ).map(stripVTControlCharacters);
    expect(lines).toHaveLength(6);
    expect((lines[2] as string).indexOf("┌")).toBe((lines[5] as string).indexOf("█"));
    expect((lines[0] as string).indexOf("┌")).toBe((lines[4] as string).indexOf("█"));
    const many = Array.from({ length: 40 }, () => "Verbindungszeichenfolge");
    for (const columns of [60, 80, 120]) {
      for (const line of labelledHeatMap([many.map(() => 0.025)], many, ["Datenbankverbindungszeichenfolge"], columns))
        expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
    }
  });

  it("a picture is XML with a cell for each weight, whatever the words", () => {
    const svg = picture({ source: ["<all>", "&", '"a\u0007"'], said: ["größer"], weights: [[1, 0, 0.5]] });
    const seen: string[] = [];
    const problems: unknown[] = [];
    const texts: string[] = [];
    const parser = new Parser(
      { onopentagname: (name) => seen.push(name), ontext: (text) => texts.push(text), onerror: (e) => problems.push(e) },
      { xmlMode: true },
    );
    parser.write(svg);
    parser.end();
    expect(problems).toEqual([]);
    expect(seen.filter((name) => name === "rect")).toHaveLength(4); // one is the ground
    expect(seen.filter((name) => name === "text")).toHaveLength(4);
    expect(texts.join("")).toContain("größer ← <all>: 100 %");
    expect(svg).toContain('fill="#0c4a6e"');
    expect(svg).not.toMatch(/<all>|&(?!amp;|lt;|gt;|quot;)/);
    expect(svg).not.toContain("\u0007");
  });
});

describe("the model", () => {
  it("learns a few sentences by heart, and says them again from its file", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const pairs = [
      { en: "Opens the dialog.", de: "Öffnet den Dialog." },
      { en: "Closes the window.", de: "Schließt das Fenster." },
      { en: "Deletes all rows.", de: "Löscht alle Zeilen." },
    ];
    const words = pairs.flatMap(({ en, de }) => {
      const [english, german] = [en.split(" "), de.split(" ")];
      return english.map((word, w) => ({ en: word, de: german[w] as string }));
    });
    const learn = (texts: string[]) => Subwords.learn(Array.from({ length: 10 }, () => texts).flat(), 60);
    const languages = {
      en: learn(pairs.map(({ en }) => en)),
      de: learn(pairs.map(({ de }) => de)),
      names: Names.learn(pairs),
      words: dictionary(words),
    };
    const model = build(rt, languages, { hidden: 32, embedding: 16 });
    const data = samplesOf(model, languages, Array.from({ length: 10 }, () => pairs).flat());
    await fit(model, { data, loss: lossOf(rt), optimizer: new AdamW(model.parameters(), { lr: 0.01 }), epochs: 30, batchSize: 6, seed: 1 });
    const file = join(folder, "small.safetensors");
    writeFileSync(file, saved({ model, languages }));
    const english = pairs.map(({ en }) => en);
    expect(translateAll(loadTranslator(rt, file), english)).toEqual(pairs.map(({ de }) => de));
  }, 30_000);
});

describe("the program", () => {
  const other = join(folder, "other.safetensors");
  const noise = join(folder, "noise.safetensors");

  beforeAll(async () => {
    using rt = await createRuntime({ seed: 1 });
    writeFileSync(other, new Sequential(rt, { head: new Dense(rt, { inputSize: 2, outputSize: 2 }) }).save());
    writeFileSync(noise, "no model at all");
  });

  it("a file that is no model of this example, and a text without words", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    expect(() => loadTranslator(rt, other)).toThrow(/other.safetensors: expected a model of the example translate/);
    expect(() => loadTranslator(rt, noise)).toThrow(/noise.safetensors: expected a model of the example translate$/);
    expect(textOf("Save the \u001b[31mtext\r\nnow")).toBe("Save the ·[31mtext now");
    expect(() => loadTranslator(rt, "nowhere.safetensors")).toThrow("cannot read the model nowhere.safetensors: there is no such file");
    expect(() => textOf("12 + 3")).toThrow("--use: expected a text with a word in it");
    expect(textOf("  Save\tit ")).toBe("Save it");
    expect(() => textOf("x".repeat(1_000_000))).toThrow("--use: expected a text of at most 2000 characters, got 1000000: try one sentence");
  });

  it("files that are made to mislead", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const texts = Array.from({ length: 10 }, () => "low lower");
    const subwords = Subwords.learn(texts, 20);
    const languages = { en: subwords, de: subwords, names: Names.learn([]), words: dictionary([]) };
    const model = build(rt, languages, { hidden: 2, embedding: 2 });
    const file = join(folder, "hostile.safetensors");
    writeFileSync(file, saved({ model, languages }));
    loadTranslator(rt, file);
    const { tensors, metadata } = loadSafetensors(saved({ model, languages }));
    const { tokens, merges } = JSON.parse(metadata.en as string);
    const key = Object.keys(metadata).find((each) => metadata[each]?.includes('"type":"TranslationModel"')) as string;
    for (const hostile of [
      ...[{ en: "{" }, { en: "null" }, { de: JSON.stringify({ tokens }) }, { de: JSON.stringify({ tokens: tokens.map(() => 1), merges }) }],
      ...[
        { words: "{" },
        { words: "[[1]]" },
        { names: "null" },
        { names: "[1]" },
        { en: JSON.stringify({ tokens: tokens.slice(1), merges }) },
      ],
      ...[{ de: JSON.stringify({ tokens: [...tokens, "x"], merges }) }],
      { [key]: JSON.stringify({ ...JSON.parse(metadata[key] as string), options: null }) },
      { [key]: JSON.stringify({ version: 1, type: "Sequential", layers: [] }) },
    ]) {
      writeFileSync(file, saveSafetensors(tensors, { ...metadata, ...(hostile as Record<string, string>) }));
      expect(() => loadTranslator(rt, file), JSON.stringify(hostile)).toThrow(
        /^.*hostile.safetensors: expected a model of the example translate$/,
      );
    }
    model.parameters()[0]?.update((values) => values.fill(Number.NaN));
    writeFileSync(file, saved({ model, languages }));
    expect(() => loadTranslator(rt, file)).toThrow(/hostile.safetensors: weights that are no numbers$/);
  });

  it("a place for the picture where none can be drawn", () => {
    checkPlace(join(folder, "new", "picture.svg"), other);
    checkPlace(noise, other);
    expect(() => checkPlace("", other)).toThrow("--svg: expected a file, got an empty name");
    expect(() => checkPlace(folder, other)).toThrow(`--svg: expected a file, got the directory ${folder}`);
    expect(() => checkPlace("nowhere/", other)).toThrow("--svg: expected a file, got the directory nowhere/");
    expect(() => checkPlace(other, other)).toThrow("--svg: expected another file than that of the model");
    expect(() => checkPlace(join(folder, "..", basename(folder), "a.svg"), join(folder, "a.svg"))).toThrow("expected another file");
    expect(() => checkPlace(join(noise, "a.svg"), other)).toThrow(/--svg: cannot write .*a.svg: .*noise.safetensors is not a directory/);
  });

  it("data that are not what they should be", () => {
    const root = join(folder, "data");
    const pages = [HELP.en.folder, HELP.de.folder].map((each) => join(root, each)) as [string, string];
    const catalogues = join(root, INTERFACE.folder);
    for (const each of [...pages, catalogues]) mkdirSync(each, { recursive: true });
    const none = () => loadParts({ data: root });
    expect(none).toThrow(`no help pages: there is none (*.html) in ${pages[0]}`);
    const put = (html: string) => {
      for (const each of pages) writeFileSync(join(each, "a.html"), html);
    };
    put("<p id=1>Two words</p>");
    expect(none).toThrow(`no interface strings: there is no catalogue (*.mo) in ${catalogues}`);
    for (const bytes of [Uint8Array.of(0xde, 0x12, 0x04, 0x95, ...Array(16).fill(0x77)), new Uint8Array(), Uint8Array.of(1, 2, 3)]) {
      writeFileSync(join(catalogues, "sw.mo"), bytes);
      expect(() => interfacePairs(root)).toThrow(/sw.mo: expected a catalogue of gettext$/);
    }
    writeFileSync(join(catalogues, "sw.mo"), mo.compile({ charset: "utf-8", translations: {} }));
    expect(none).toThrow(`too few help pages in ${pages[0]}: expected some to learn, some to watch and some to test`);
    put(" ".repeat(500_001));
    expect(none).toThrow(/a.html: expected a page of at most 500000 bytes, got 500001$/);
  });

  it.each([
    [["--use", "Hello", "--save", other], /^error: .*other.safetensors: expected a model of the example translate/],
    [["--use", "Hello", "--quick"], /^error: option '--use <text>' cannot be used with option '--quick'/],
    [["--resume", "--save", join(folder, "none")], /^error: --resume: there is no checkpoint .*none.checkpoint/],
    [["--use", "Hello", "--save", other, "--svg", folder], /^error: --svg: expected a file, got the directory/],
    [["--data", folder, "--save", join(folder, "new.safetensors")], /^error: no help pages: there is no folder/],
  ])("%j: refused in one line", (args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "translate", ...args], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});
