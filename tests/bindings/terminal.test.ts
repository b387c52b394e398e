/** What the reporter draws: no line wider than its terminal at any width, both curves, colours where they are wanted. */
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EpochReport, Progress } from "../../bindings/index.js";
import { widthOf, wrapped } from "../../bindings/terminal/text.js";
import { terminalReporter } from "../../bindings/terminal.js";

const EPOCHS = 5;
const LOSSES = [2.5, 1.5, 1, 0.75, 0.5];
const MEASURED = [2, 1.25, 1, 1.5, 2.25];

beforeEach(() => {
  vi.stubEnv("TERM", "xterm");
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("FORCE_COLOR", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

interface Screen {
  /** 0: no terminal. */
  columns: number;
  title?: string;
  unit?: string;
  validation?: readonly number[];
  said?: string;
}

/** Everything that is written in a run. */
function outputOf({ columns, title = "GRU", unit = "sentences", validation = MEASURED, said }: Screen): string {
  const chunks: Buffer[] = [];
  const stream = Object.assign(new PassThrough(), columns > 0 ? { isTTY: true, columns } : {});
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const reporter = terminalReporter({ title, unit, stream: stream as never });
  for (const [i, loss] of LOSSES.entries()) {
    const epoch = i + 1;
    const progress: Progress = {
      epoch,
      epochs: EPOCHS,
      step: epoch,
      done: epoch * 2000,
      total: EPOCHS * 2000,
      rate: 12345.6,
      timeLeft: 75,
      loss,
    };
    reporter.onProgress(progress);
    const measured = validation[i];
    const report: EpochReport = {
      epoch,
      loss,
      lr: 0.1,
      accuracy: 0.5,
      ...(measured !== undefined && { validation: { loss: measured, accuracy: 0.8123, perplexity: 12.5 } }),
    };
    reporter.onEpoch(report);
    if (said !== undefined) reporter.print(said);
  }
  reporter.onEnd();
  return Buffer.concat(chunks).toString();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a control sequence begins with one
const MOVES = /[\r\n]|\x1b\[\d*[GABCDJKHl]|\x1b\[\d+;\d+H/;
/** Lines as they come to stand: colours left out, moves of the cursor ending one. */
const linesOf = (output: string) => output.split(MOVES).map(stripVTControlCharacters);

const SAID =
  "a line of the program's own, longer than most terminals are wide, with anunreasonablylongwordthatfitsnowhereatall and \x1b[31mred\x1b[0m";

describe("no line is wider than the terminal", () => {
  test.each([1, 2, 7, ...Array.from({ length: 181 }, (_, i) => i + 20)])("%i columns", (columns) => {
    for (const title of ["", "GRU", "ein ziemlich langer Titel", "日本語のモデル"]) {
      const output = outputOf({ columns, title, said: SAID });
      const widest = Math.max(...linesOf(output).map(widthOf));
      expect(widest).toBeLessThanOrEqual(Math.max(columns, 2)); // a wide character cannot be halved
      const text = linesOf(output).join(" ").replaceAll(/\s/g, "");
      for (const figure of ["loss1.5000", "validationloss1.2500", "accuracy0.812", "perplexity12.500", "fitsnowhereatallandred"])
        expect(text).toContain(figure);
    }
  });

  test("the bar has all its parts where there is room, and the epoch and the loss where there is little", () => {
    const bars = (columns: number) => linesOf(outputOf({ columns })).filter((line) => line.includes(`/${EPOCHS}`));
    expect(bars(120).at(-1)).toBe(`  GRU  ${"━".repeat(24)}  100 %  epoch 5/5  loss 0.5000  12,346 sentences/s  1:15 left`);
    expect(bars(60).at(-1)).toBe("  GRU  ━━━━━━━━━━  100 %  epoch 5/5  loss 0.5000  1:15 left");
    expect(bars(25).at(-1)).toBe("  epoch 5/5  loss 0.5000");
    expect(bars(20).at(-1)).toBe("  GRU  epoch 5/5");
  });
});

/** The rows of the plot, by their labels. */
const plotOf = (output: string) =>
  output
    .split("\n")
    .map(stripVTControlCharacters)
    .filter((line) => line.includes("┤"));

describe("the curves", () => {
  test("training and validation in one plot, each with its own lines, colour and name in the legend", () => {
    const output = outputOf({ columns: 40 });
    expect(output).toContain("\x1b[36m── training\x1b[39m");
    expect(output).toContain("\x1b[33m┄┄ validation\x1b[39m");
    expect(output).toContain("\x1b[36m─\x1b[39m");
    expect(output).toContain("\x1b[33m┄\x1b[39m");
    expect(plotOf(output)).toMatchInlineSnapshot(`
      [
        "  2.5000 ┤─────╮",
        "  2.1667 ┤     │                 ┌┄┄┄┄",
        "  1.8333 ┤┄┄┄┄┄┐                 ┆",
        "  1.5000 ┤     ┆─────╮     ┌┄┄┄┄┄┘",
        "  1.1667 ┤     └┄┄┄┄┄┐     ┆",
        "  0.8333 ┤           └┄┄┄┄┄┘",
        "  0.5000 ┤                 ╰──────────",
      ]
    `);
    const last = output.trimEnd().split("\n").map(stripVTControlCharacters).at(-1);
    expect(last).toMatch(/^ {10}1 {27}5$/);
  });

  test("without a validation one, and no legend of another", () => {
    const output = outputOf({ columns: 60, validation: [] });
    expect(output).toContain("loss, by epoch");
    expect(output).toContain("─");
    expect(stripVTControlCharacters(output)).not.toMatch(/┄|validation/);
  });

  test("a validation that is NaN or infinite in some epochs, or in all", () => {
    const some = plotOf(outputOf({ columns: 60, validation: [Number.NaN, 1.25, Number.POSITIVE_INFINITY, 1.5, 2.25] }));
    expect(some.join("")).toContain("┄");
    expect(some[0]).toContain("2.5000");
    expect(some.join("")).not.toMatch(/NaN|Infinity/);
    const none = plotOf(outputOf({ columns: 60, validation: LOSSES.map(() => Number.NaN) }));
    expect(none.join("")).not.toContain("┄");
    expect(none.length).toBeGreaterThan(1);
  });

  test("where all losses are the same", () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const reporter = terminalReporter({ stream: stream as never });
    for (let epoch = 1; epoch <= 3; epoch++) reporter.onEpoch({ epoch, loss: 0, lr: 1, validation: { loss: 0 } });
    reporter.onEnd();
    expect(plotOf(Buffer.concat(chunks).toString()).length).toBeGreaterThan(0);
  });
});

describe("colours", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control sequence begins with one
  const COLOUR = /\x1b\[[0-9;]*m/;
  test("on a terminal, not with NO_COLOR, and not elsewhere unless FORCE_COLOR asks for them", () => {
    expect(outputOf({ columns: 80 })).toMatch(COLOUR);
    expect(outputOf({ columns: 0 })).not.toMatch(COLOUR);
    vi.stubEnv("FORCE_COLOR", "1");
    expect(outputOf({ columns: 0 })).toMatch(COLOUR);
    vi.stubEnv("NO_COLOR", "1");
    expect(outputOf({ columns: 80 })).not.toMatch(COLOUR);
    expect(outputOf({ columns: 80 })).toContain("┄");
  });

  test("a dumb terminal gets lines that fit, and no move of the cursor", () => {
    vi.stubEnv("TERM", "dumb");
    const output = outputOf({ columns: 40 });
    expect(output).not.toContain("\x1b[?25l");
    expect(output).not.toMatch(COLOUR);
    expect(Math.max(...linesOf(output).map(widthOf))).toBeLessThanOrEqual(40);
  });

  test("in a pipe a line an epoch, as long as it is, and no bar", () => {
    const lines = outputOf({ columns: 0, said: SAID }).split("\n");
    expect(lines[0]).toBe("  GRU  epoch   1  loss 2.5000  validation loss 2.0000  accuracy 0.812  perplexity 12.500");
    expect(lines[1]).toBe(SAID);
    expect(lines.join("")).not.toContain("━");
  });
});

test("text is broken at spaces, under its beginning, and counted as it is drawn", () => {
  expect(wrapped("  one two three", 9)).toEqual(["  one two", "  three"]);
  expect(wrapped("abcdefgh ij", 5)).toEqual(["abcde", "fgh", "ij"]);
  expect(wrapped("a\n\nbc de", 2)).toEqual(["a", "", "bc", "de"]);
  expect(wrapped("\x1b[31mred\x1b[0m and", 5)).toEqual(["\x1b[31mred\x1b[0m", "and"]);
  expect(["", "abc", "é", "e\u0301", "日本", "🙂", "\x1b[31mred\x1b[0m"].map(widthOf)).toEqual([0, 3, 1, 1, 4, 2, 3]);
});
