import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, loadSafetensors, saveSafetensors } from "wasm-rnn";
import { batchesPerPass, copiedShare, loadBook, windows } from "../../examples/char-lstm/data.js";
import { bitsOfEach, bitsPerCharacter, CharModel } from "../../examples/char-lstm/model.js";
import { NgramModel, ordersUpTo } from "../../examples/char-lstm/ngram.js";
import { readSaved, reopen } from "../../examples/char-lstm/session.js";
import { UNKNOWN, Vocabulary } from "../../examples/char-lstm/vocabulary.js";
import { lossChart } from "../../examples/shared/chart.js";
import { shellWord } from "../../examples/shared/text.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

/*
 * The example as people meet it: the real program in a process of its own, over the built package.
 */

const MAIN = fileURLToPath(new URL("../../examples/char-lstm/main.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const SMALL = ["--hidden", "24", "--embed", "8", "--batch", "4", "--length", "16"];

let folder = "";
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  ensureBuild();
  folder = mkdtempSync(path.join(tmpdir(), "char-lstm-"));
  writeFileSync(at("empty.txt"), "");
  writeFileSync(at("short.txt"), "Call me Ishmael.\n");
  writeFileSync(at("zeros.txt"), Uint8Array.of(72, 105, 0, 1, 2));
  writeFileSync(at("latin1.txt"), Uint8Array.of(67, 97, 102, 0xe9, 32, 33));
  const book = loadBook();
  mkdirSync(at("folder"));
  writeFileSync(at("part.txt"), book.training.slice(0, 40_000));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program; `interruptAt` sends SIGINT when the output first matches. */
function run(args: string[], interruptAt?: RegExp): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", LOADER, MAIN, ...args], { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
    let [stdout, stderr, interrupted] = ["", "", false];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (interruptAt?.test(stdout) && !interrupted) interrupted = child.kill("SIGINT");
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The rows of a chart: what the axis says, and what is drawn beside it. */
const chartRows = (text: string) =>
  [...text.matchAll(/^ *(-?\d+\.\d\d) [┤┼](.*)$/gm)].map(([, label, drawn]) => ({ label: Number(label), drawn: drawn as string }));

/** What lies between two labels of a chart. */
const tickOf = ([first, second]: ReturnType<typeof chartRows>) => (first && second ? first.label - second.label : 0.01);

/** The label of the row in which a chart's curve ends. */
function chartEnd(text: string) {
  const rows = chartRows(text);
  const last = Math.max(...rows.map(({ drawn }) => drawn.trimEnd().length)) - 1;
  return rows.find(({ drawn }) => "─╰╭".includes(drawn[last] ?? " "))?.label;
}

/** The table of held-out bits per character. */
const table = (stdout: string) => stdout.match(/^ {2}(?:\d-gram|LSTM).*\d\.\d{3}/gm);

describe("char-lstm, the program", () => {
  it.each([
    ["a missing file", ["--text", "missing.txt"], /missing\.txt/],
    ["an empty file", ["--text", "empty.txt"], /empty/],
    ["zero bytes", ["--text", "zeros.txt"], /not a text file/],
    ["another encoding", ["--text", "latin1.txt"], /not a text file in UTF-8/],
    ["a text too short", ["--text", "short.txt"], /too short: it has 17 characters/],
    ["a folder", ["--text", "."], /directory/],
    ["a model that is none", ["--model", "part.txt"], /not a model/],
    ["a missing model", ["--resume", "missing.safetensors"], /no such file/],
    ["a number that is none", ["--steps", "many"], /steps/],
    ["options that contradict", ["--steps", "3", "--epochs", "1"], /--steps and --epochs/],
    ["a sample without a model", ["--sample", "9"], /--sample needs --model/],
    ["steps where there is no training", ["--model", "any", "--steps", "3"], /--steps has no effect with --model/],
    ["samples during no training", ["--model", "any", "--sample-every", "3"], /--sample-every has no effect with --model/],
    [
      "settings of one's own in a run that is recorded",
      ["--record", "--hidden", "8"],
      /--hidden: only the run as it is by default is recorded/,
    ],
    ["a folder to save to", ["--text", "part.txt", "--save", "folder"], /folder is not a file/],
  ])("refuses %s in one line", async (_what, args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
    expect(code).toBeGreaterThan(0);
  });

  it("gives the same numbers for the same seed, and others for another", async () => {
    const args = (save: string, seed: string) => ["--text", "part.txt", ...SMALL, "--steps", "12", "--seed", seed, "--save", save];
    const first = await run(args("a.safetensors", "3"));
    const second = await run(args("b.safetensors", "3"));
    const other = await run(args("c.safetensors", "4"));
    expect(first.code).toBe(0);
    expect(table(first.stdout)).toHaveLength(7);
    expect(table(second.stdout)).toEqual(table(first.stdout));
    const bytes = readFileSync(at("a.safetensors"));
    expect(readFileSync(at("b.safetensors")).equals(bytes)).toBe(true);
    expect(readFileSync(at("c.safetensors")).equals(bytes)).toBe(false);
    expect(other.stdout).toContain("seed 4");
    expect(first.stdout).not.toContain("\x1b");
  });

  it("saves on Ctrl-C, says so, and goes on as if nothing had been", async () => {
    const args = ["--text", "part.txt", ...SMALL, "--layers", "2", "--steps", "1500"]; // over two epochs
    const whole = await run([...args, "--save", "whole.safetensors"]);
    expect(whole.code).toBe(0);

    const stopped = await run([...args, "--save", "parts.safetensors"], /5 %/);
    expect(stopped.code).toBe(130);
    const [, step] = stopped.stdout.match(/Stopped after step (\d+) of 1500; saved parts\.safetensors/) ?? [];
    expect(Number(step)).toBeLessThan(1500);
    expect(stopped.stdout).toContain("npm start -- --resume parts.safetensors");

    const resumed = await run(["--resume", "parts.safetensors"]);
    expect(resumed.stderr).toBe("");
    expect(resumed.stdout).not.toContain("exists");
    expect(existsSync(at("parts.safetensors.bak"))).toBe(false);
    expect(resumed.stdout).toContain(`from step ${step} to 1500`);
    expect(table(resumed.stdout)).toEqual(table(whole.stdout));
    expect(readFileSync(at("parts.safetensors")).equals(readFileSync(at("whole.safetensors")))).toBe(true);

    const again = await run(["--resume", "parts.safetensors"]);
    expect(again.stderr).toMatch(/has done 1500 steps already/);
    const changed = await run(["--resume", "parts.safetensors", "--hidden", "48", "--steps", "1600"]);
    expect(changed.stderr).toMatch(/--hidden is fixed/);
    writeFileSync(at("other.txt"), readFileSync(at("part.txt"), "utf8").replaceAll("whale", "trout"));
    const otherText = await run(["--resume", "parts.safetensors", "--text", "other.txt", "--steps", "1600"]);
    expect(otherText.stderr).toMatch(/another text/);

    const write = ["--model", "parts.safetensors", "--sample", "80", "--prompt", "The whale "];
    const written = await run(write);
    expect(written.stdout).toMatch(/^The whale /);
    expect([...written.stdout]).toHaveLength(10 + 80 + 1);
    expect((await run(write)).stdout).toBe(written.stdout);
  }, 60_000);

  it("keeps a file that is in the way of the model, and quotes its name in commands", async () => {
    const file = "it's mine.safetensors";
    const train = (...more: string[]) => run(["--text", "part.txt", ...SMALL, "--save", file, ...more]);
    writeFileSync(at(file), "not a model");
    const first = await train("--steps", "4", "--prompt", "Ahab ");
    expect(first.stdout).toContain(`${file} exists: it will be kept as ${file}.bak`);
    expect(first.stdout.match(/│ Ahab /g)).toHaveLength(1);
    expect(first.stdout).toContain("npm start -- --model 'it'\\''s mine.safetensors' --sample 400");
    expect(readFileSync(at(`${file}.bak`), "utf8")).toBe("not a model");

    const model = readFileSync(at(file));
    const second = await train("--steps", "4", "--seed", "2");
    expect(second.stdout).toContain(`${file} exists (step 4): it will be kept as ${file}.bak`);
    expect(readFileSync(at(`${file}.bak`)).equals(model)).toBe(true);
    expect(readFileSync(at(file)).equals(model)).toBe(false);
  }, 60_000);

  it("refuses a model that was tampered with in one line, and writes no escapes", async () => {
    await run(["--text", "part.txt", ...SMALL, "--steps", "2", "--save", "good.safetensors"]);
    const { tensors, metadata } = loadSafetensors(readFileSync(at("good.safetensors")));
    const good = JSON.parse(metadata["char-lstm"] as string);
    const tampered = (changes: Record<string, string>, weights = tensors) => {
      writeFileSync(at("bad.safetensors"), saveSafetensors(weights, { ...metadata, ...changes }));
      return at("bad.safetensors");
    };
    const settings = (more: object) => JSON.stringify({ ...good, settings: { ...good.settings, ...more } });
    const letters = (vocabulary: unknown) => JSON.stringify({ ...good, vocabulary });
    const runs = ["{x", "null", "5", "{}", letters(null), letters(["\u001b[2J", ...good.vocabulary.slice(1)]), letters(["a"])];
    const changes = [...runs, settings({ hidden: 1e9 }), settings({ layers: 1e9 })].map((text) => ({ "char-lstm": text }));
    for (const change of [...changes, { details: "" }, { details: "{x" }, { details: "{}" }])
      expect(() => readSaved(tampered(change))).toThrow(/bad\.safetensors is not a model saved by this program$/);
    const { "model.head.bias": _, ...fewer } = tensors;
    await expect(reopen(readSaved(tampered({}, fewer)))).rejects.toThrow(/^the model's head\.bias does not fit it$/);

    tampered({ "char-lstm": letters(good.vocabulary.map(() => "\u001b")) });
    const written = await run(["--model", "bad.safetensors", "--sample", "9", "--prompt", "a"]);
    expect(written).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(/^a[·\ufffd]{9}\n$/) });
  }, 60_000);

  it.each(["1", "3", "30", "300"])("ends the chart where the last printed loss is, after %s steps", async (steps) => {
    const { stdout } = await run(["--text", "part.txt", ...SMALL, "--steps", steps, "--save", `chart-${steps}.safetensors`]);
    const printed = Number([...stdout.matchAll(/([\d.]+) bits\/char {2}/g)].at(-1)?.[1]);
    const rows = chartRows(stdout);
    expect(Math.abs((chartEnd(stdout) ?? Number.NaN) - printed)).toBeLessThanOrEqual(tickOf(rows) / 2 + 0.001);
  });
});

describe("char-lstm, the parts", () => {
  it("keeps held-out text out of the training text", () => {
    const { training, heldOut } = loadBook();
    expect(heldOut.length).toBeGreaterThan(40_000);
    expect(copiedShare(training, heldOut)).toBe(0);
    expect(copiedShare(training, training.slice(500, 2000))).toBe(1);
    expect(training.split("Call me Ishmael").length - 1).toBe(1); // each chapter once
  });

  it("cuts the text into streams that go on where they stopped, targets one ahead", () => {
    const tokens = Int32Array.from({ length: 1000 }, (_, i) => i);
    const cut = { batch: 4, length: 10, seed: 1 };
    const offsets = new Set<number>();
    for (let pass = 0; pass < 50; pass++) {
      const samples = [...windows(tokens, cut, pass)].map(({ x, y }) => ({ x: [...(x as Int32Array)], y: [...(y as Int32Array)] }));
      expect(samples).toHaveLength(4 * batchesPerPass(1000, cut));
      for (const [i, { x, y }] of samples.entries()) {
        expect(y).toEqual(x.map((token) => token + 1));
        expect(x).toHaveLength(10);
        expect(x[0]).toBe(i < 4 ? i * 247 + (samples[0]?.x[0] as number) : samples[i - 4]?.y[9]);
      }
      offsets.add(samples[0]?.x[0] as number);
    }
    expect([...offsets].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...windows(tokens, cut, 3)]).toEqual([...windows(tokens, cut, 3)]);
  });

  it("gives n-gram probabilities that sum to 1 after every history", () => {
    const { training } = loadBook();
    const text = training.slice(0, 30_000);
    const vocabulary = Vocabulary.of(text);
    const model = new NgramModel(vocabulary.encode(text), 4, vocabulary.size);
    for (const history of ["", "t", "th", "the", "of the wha", "zqj", "Zz!", "\u2603"]) {
      const tokens = [...vocabulary.encode(history), UNKNOWN];
      for (const order of [1, 2, 3, 4]) {
        let sum = 0;
        for (let token = 0; token < vocabulary.size; token++) {
          tokens[tokens.length - 1] = token;
          const p = model.probability(tokens, tokens.length - 1, order);
          expect(p).toBeGreaterThan(0);
          sum += p;
        }
        expect(sum).toBeCloseTo(1, 12);
      }
    }
  });

  it("counts n-grams whose keys a double can hold", () => {
    expect(ordersUpTo(6, 82)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(ordersUpTo(6, 4096)).toEqual([1, 2, 3, 4]);
  });

  it("charges each character what the mean says", async () => {
    using rt = await createRuntime({ seed: 1 });
    const model = new CharModel(rt, { vocabulary: 5, embed: 4, hidden: 6, layers: 1, batch: 1 });
    const tokens = Int32Array.from({ length: 700 }, (_, i) => (i * i) % 5); // three pieces, the state carried on
    const bits = await bitsOfEach(model, tokens);
    expect(bits).toHaveLength(699);
    expect(bits.reduce((a, b) => a + b) / 699).toBeCloseTo(await bitsPerCharacter(model, tokens), 5);
    expect(await bitsOfEach(model, tokens.subarray(0, 300))).toEqual(bits.subarray(0, 299));
  });

  it("computes the n-gram that a few letters give by hand", () => {
    // a b a b a, V = 3 (unknown, a, b). P1(a) = (3 + 2/3) / (5 + 2); after a only b came, twice: P2(b|a) = (2 + 1·P1(b)) / (2 + 1).
    const vocabulary = new Vocabulary(["a", "b"]);
    const model = new NgramModel(vocabulary.encode("ababa"), 2, vocabulary.size);
    expect(model.probability(vocabulary.encode("a"), 0, 1)).toBeCloseTo((3 + 2 / 3) / 7, 12);
    expect(model.probability(vocabulary.encode("ab"), 1, 2)).toBeCloseTo((2 + (2 + 2 / 3) / 7) / 3, 12);
  });

  it.each([
    ["one step", [6.32], 1],
    ["equal losses", [6.32, 6.32], 2],
    ["a short run", [6.32, 6.31, 6.18], 3],
    ["a long run", Array.from({ length: 700 }, (_, i) => 2.31 + 4 * Math.exp(-i / 50)), 700],
    ["a run at its beginning", [6.32, 6.3], 7000],
    ["losses beyond all bounds", [6, 90, 300], 3],
  ])("draws a chart without empty rows at its ends: %s", (_what, curve, steps) => {
    const text = stripVTControlCharacters(lossChart(curve, { steps, columns: 80, measure: "bits/char" }).join("\n"));
    const rows = chartRows(text);
    expect(rows.length).toBeLessThanOrEqual(9);
    const used = (row: (typeof rows)[number] | undefined) => row?.drawn.trim() !== "" || text.split("\n")[1]?.includes("┼");
    expect(used(rows[0])).toBe(true);
    if (curve.length > 1) expect(used(rows.at(-1))).toBe(true);
    expect(Math.abs((rows.at(-1)?.label ?? Number.NaN) - Math.min(...curve))).toBeLessThanOrEqual(tickOf(rows) / 2 + 1e-9);
  });

  it("quotes for a shell what needs it, and nothing else", () => {
    expect(["models/moby-dick.safetensors", "my model", "it's", "$HOME", "a;b", ""].map(shellWord)).toEqual([
      "models/moby-dick.safetensors",
      "'my model'",
      "'it'\\''s'",
      "'$HOME'",
      "'a;b'",
      "''",
    ]);
  });

  it("counts a character seen once as unknown, and has it named", () => {
    const vocabulary = Vocabulary.of("aabb\u{1f433}");
    expect(vocabulary.characters).toEqual(["a", "b"]);
    expect([...vocabulary.encode("ab\u{1f433}")]).toEqual([1, 2, UNKNOWN]);
    expect(vocabulary.unknownSurcharge(vocabulary.encode("a\u{1f433}b"))).toBeCloseTo(Math.log2(0x110000 - 2048 - 2) / 2, 12);
  });
});
