/** volatility: GARCH as published, what its data are, that nothing knows the future, how days are scored, and what `--use` refuses. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Dense, Generator, Sequential, Standardizer } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { debianFolders } from "../../examples/shared/debian.js";
import { columnsOf, numbersOf, readLazyData } from "../../examples/shared/r-data.js";
import { constant, type Forecaster, garch, gjrGarch, riskMetrics, weighted } from "../../examples/volatility/baselines.js";
import { readCloses } from "../../examples/volatility/closes.js";
import { checkCloses, euStocks, type Panel, returnsOf, sp500 } from "../../examples/volatility/data.js";
import { FEATURES } from "../../examples/volatility/features.js";
import { fitGarch, type Garch, negativeLogLikelihood } from "../../examples/volatility/garch.js";
import { foretell, learn, see } from "../../examples/volatility/learn.js";
import { minimize } from "../../examples/volatility/minimum.js";
import { Volatility } from "../../examples/volatility/model.js";
import { picture } from "../../examples/volatility/picture.js";
import { intervalOf, resultOf } from "../../examples/volatility/report.js";
import { saved, volatilityIn } from "../../examples/volatility/saved.js";
import { directions, exceedances, surprises, valueAtRisk } from "../../examples/volatility/scores.js";
import { say, tomorrow } from "../../examples/volatility/use.js";
import { walk } from "../../examples/volatility/walk.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "volatility-"));

beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Days that a GARCH has made. */
function simulated({ mu, omega, alpha, gamma, beta }: Omit<Garch, "start">, days: number, seed: number): Float64Array {
  const random = new Generator(seed);
  let h = omega / (1 - alpha - gamma / 2 - beta);
  return Float64Array.from({ length: days }, () => {
    const e = Math.sqrt(h) * random.normal();
    h = omega + (e < 0 ? alpha + gamma : alpha) * e * e + beta * h;
    return mu + e;
  });
}

describe("GARCH", () => {
  it("Nelder and Mead come down Rosenbrock's valley", () => {
    const { at, value } = minimize(([x = 0, y = 0]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2, [-1.2, 1]);
    expect(at[0]).toBeCloseTo(1, 4);
    expect(at[1]).toBeCloseTo(1, 4);
    expect(value).toBeLessThan(1e-8);
  });

  it("of marks against pounds is the published one", async () => {
    const [base = ""] = debianFolders(["r-cran-fgarch"]);
    const [index, database] = ["rdx", "rdb"].map((kind) => readFileSync(join(base, `usr/lib/R/site-library/fGarch/data/Rdata.${kind}`)));
    const frame = columnsOf(await readLazyData(index as Buffer, database as Buffer, "dem2gbp"));
    const returns = numbersOf([...frame.values()][0]);
    expect(returns).toHaveLength(1974);
    const fitted = fitGarch(returns);
    // Source: Brooks, Burke and Persand, International Journal of Forecasting 17 (2001), table 1
    expect(fitted.mu).toBeCloseTo(-0.00619041, 5);
    expect(fitted.omega).toBeCloseTo(0.0107613, 5);
    expect(fitted.alpha).toBeCloseTo(0.153134, 4);
    expect(fitted.beta).toBeCloseTo(0.805974, 4);
    expect(negativeLogLikelihood(fitted, returns)).toBeCloseTo(1106.60788, 3);
  });

  it("GJR's are found again that made the days, and are likelier than those", () => {
    const made = { mu: 0.05, omega: 0.05, alpha: 0.03, gamma: 0.12, beta: 0.85 };
    const returns = simulated(made, 20_000, 3);
    const fitted = fitGarch(returns, { asymmetric: true });
    for (const [name, size] of [
      ["mu", 0.02],
      ["omega", 0.02],
      ["alpha", 0.02],
      ["gamma", 0.03],
      ["beta", 0.03],
    ] as const)
      expect(Math.abs(fitted[name] - made[name]), name).toBeLessThan(size);
    expect(negativeLogLikelihood(fitted, returns)).toBeLessThan(negativeLogLikelihood({ ...made, start: 1 }, returns));
  });
});

describe("what needs no network", () => {
  it("a constant is of the days before; RiskMetrics' variance forgets 6 % a day", () => {
    const returns = Float64Array.of(1, 3, 1, 3, 100);
    expect(constant(returns, 4, 5)).toEqual({ mean: Float64Array.of(2), variance: Float64Array.of(1) });
    expect([...weighted(Float64Array.of(4, 0), 0.75)]).toEqual([2, 2.5, 1.875]); // begins with the mean of 4 and 0
    const still = new Float64Array(40).fill(2);
    still[30] = 12;
    const { mean, variance } = riskMetrics(still, 30, 33);
    expect([...mean]).toEqual([0, 0, 0]);
    expect([...variance].map((v) => Math.round(1e6 * v) / 1e6)).toEqual([4, 12.4, 11.896]); // 0.94 · 4 + 0.06 · 144; 0.94 · 12.4 + 0.06 · 4
  });

  it.each<[string, Forecaster]>([
    ["constant", constant],
    ["EWMA", riskMetrics],
    ["GARCH", garch],
    ["GJR", gjrGarch],
  ])("%s knows of no day what comes", (_, forecaster) => {
    const returns = simulated({ mu: 0, omega: 0.1, alpha: 0.1, gamma: 0, beta: 0.8 }, 320, 5);
    const other = returns.slice();
    other.fill(7, 310);
    const [one, two] = [returns, other].map((each) => forecaster(each, 300, 320));
    expect(two?.variance.slice(0, 11)).toEqual(one?.variance.slice(0, 11)); // 300 to 310
    expect(two?.mean).toEqual(one?.mean);
  });
});

describe("the data", () => {
  it("5,104 returns of the S&P 500, forecast from 2010 on in years; four indices of 1,859, in half years", async () => {
    const [us, eu] = [sp500(), await euStocks()];
    const { returns, dates = [] } = us.markets[0] as Panel["markets"][number];
    expect([returns.length, dates.length, dates[0], dates.at(-1)]).toEqual([5104, 5104, "2000-01-04", "2020-04-17"]);
    expect(Math.min(...returns)).toBeCloseTo(-12.7652, 4); // 2020-03-16
    expect(us.tested.map(({ from }) => dates[from]?.slice(0, 4))).toEqual(Array.from({ length: 11 }, (_, i) => `${2010 + i}`));
    expect(dates[us.tested[0]?.from as number]).toBe("2010-01-04");
    expect(us.tested.at(-1)?.to).toBe(5104);
    expect(eu.markets.map(({ name, returns }) => [name, returns.length])).toEqual(
      ["DAX", "SMI", "CAC", "FTSE"].map((name) => [name, 1859]),
    );
    expect(eu.markets[0]?.returns[0]).toBeCloseTo(100 * Math.log(1613.63 / 1628.75), 6);
    for (const { watched, tested } of [us, eu]) {
      const all = [...watched, ...tested];
      expect(all.slice(1).map(({ from }) => from)).toEqual(all.slice(0, -1).map(({ to }) => to)); // no day is watched and tested
    }
    expect(eu.tested.at(-1)?.to).toBe(1859);
  });

  it.each<[string, Float64Array, RegExp]>([
    ["none", new Float64Array(), /^x.rdb: expected EuStockMarkets, 4 closes on each of 1490 days or more, got 0 numbers$/],
    ["no four", new Float64Array(7441).fill(1), /got 7441 numbers$/],
    ["NaN", new Float64Array(7440).fill(1).fill(Number.NaN, 9), /^x.rdb: expected closes above 0 in EuStockMarkets, got NaN$/],
    ["a debt", new Float64Array(7440).fill(1).fill(-2, 9), /got -2$/],
  ])("other closes are refused: %s", (_, closes, message) => expect(() => checkCloses(closes, "x.rdb")).toThrow(message));

  it("returns are logarithms, in per cent", () => expect([...returnsOf([1, Math.E, Math.E])]).toEqual([100, 0]));
});

/** Two markets whose days are wild and calm in turn, which no GARCH can say. */
function inTurn(days: number): Panel {
  const random = new Generator(2);
  const market = (name: string) => ({ name, returns: Float64Array.from({ length: days }, (_, t) => (t % 2 ? 3 : 0.3) * random.normal()) });
  return {
    name: "in turn",
    markets: [market("A"), market("B")],
    watched: [],
    tested: [
      { from: 500, to: 560 },
      { from: 560, to: days },
    ],
  };
}
const SETTINGS = { seed: 1, steps: 60, members: 2 };

describe("the networks", () => {
  it("begin as GJR-GARCH, and learn what it does not know", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const panel = inTurn(600);
    const seen = see(panel.markets, 500);
    const begun = foretell(rt, new Volatility(rt, { features: seen.width, units: 4, members: 2 }), seen, { from: 500, to: 560 });
    expect(begun).toEqual(panel.markets.map(({ returns }) => gjrGarch(returns, 500, 560)));
    const learned = await walk(rt, panel, panel.tested, SETTINGS, () => {});
    const { measures } = resultOf(learned, { task: "", split: "", seed: 1, seconds: 0 });
    const [surprise, direction] = measures as [(typeof measures)[number], (typeof measures)[number]];
    const [theirs] = surprise.baselines;
    expect(theirs?.name).toBe("GARCH(1,1)");
    expect(surprise.goal).toBe(theirs?.value);
    expect((theirs?.value as number) - surprise.value).toBeGreaterThan(0.2);
    expect(theirs?.interval?.[0]).toBeGreaterThan(0);
    expect(direction.value).toBeGreaterThan(35);
    expect(direction.value).toBeLessThan(65);
    expect(picture(learned).match(/<polyline/g)).toHaveLength(4);
    expect(picture(learned)).not.toContain("NaN");
  });

  it("know nothing of what comes: other days after it leave a day's forecast as it was", async () => {
    const { markets } = inTurn(600);
    const later = markets.map(({ name, returns }) => ({ name, returns: returns.map((r, t) => (t < 520 ? r : 9)) }));
    const [one, two] = await Promise.all(
      [markets, later].map(async (each) => {
        using rt = await createRuntime({ seed: 1 });
        await loadOperators(rt);
        const seen = see(each, 500);
        return foretell(rt, learn(rt, each, seen, 500, { ...SETTINGS, steps: 5 }), seen, { from: 500, to: 530 });
      }),
    );
    for (const m of [0, 1]) {
      expect(two?.[m]?.variance.slice(0, 21)).toEqual(one?.[m]?.variance.slice(0, 21)); // 500 to 520
      expect(two?.[m]?.mean.slice(0, 21)).toEqual(one?.[m]?.mean.slice(0, 21));
      expect(two?.[m]?.variance[21]).not.toBe(one?.[m]?.variance[21]);
    }
  });

  it("say of tomorrow from a file what they said before", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const [market] = inTurn(600).markets as [Panel["markets"][number]];
    const seen = see([market], 600);
    const model = learn(rt, [market], seen, 600, { ...SETTINGS, steps: 5 });
    const file = join(folder, "kept.safetensors");
    writeFileSync(file, saved({ model, scaler: seen.scaler }));
    const said = tomorrow(rt, volatilityIn(rt, file), market);
    expect(said.LSTM).toEqual(foretell(rt, model, seen, { from: 600, to: 601 })[0]);
    expect(Object.keys(said)).toEqual(["LSTM", "GARCH(1,1)", "GJR-GARCH(1,1)", "EWMA 0.94"]);
  });
});

it("a number of networks that no file has, and forecasts that are no numbers, are refused", async () => {
  using rt = await createRuntime({ seed: 1 });
  for (const members of [0, 1.5, 21, 1e9, "2" as never])
    expect(() => new Volatility(rt, { features: 1, units: 1, members })).toThrow(/^expected 1 to 20 members/);
  const forecasts = { LSTM: { mean: Float64Array.of(Number.NaN), variance: Float64Array.of(1) } };
  const closes = { last: { date: "2020-01-02", close: 1 }, returns: new Float64Array(1), daysAYear: 252 };
  expect(() => say(forecasts, closes)).toThrow(/^LSTM: its numbers are too large to say anything/);
});

describe("scores", () => {
  const forecast = { mean: Float64Array.of(0, 0, -0.1, 0), variance: Float64Array.of(1, 4, 1, 1) };
  const returns = Float64Array.of(0, -2, -2.3, 0.2);

  it("−ln of the Gaussian density of returns, which are in per cent", () => {
    const density = (x: number, sigma: number) => Math.exp(-(x * x) / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI));
    const expected = [density(0, 0.01), density(0.02, 0.02), density(0.022, 0.01), density(0.002, 0.01)].map((d) => -Math.log(d));
    for (const [i, value] of surprises(forecast, returns).entries()) expect(value).toBeCloseTo(expected[i] as number, 12);
  });

  it("a direction is right or wrong; beyond 1.645 deviations is worse than the value at risk", () => {
    expect([...directions({ ...forecast, mean: Float64Array.of(1, 1, -1, 1) }, returns)]).toEqual([0, 0, 1, 1]);
    expect([...exceedances(forecast, returns, 95)]).toEqual([0, 0, 1, 0]);
    expect([...exceedances(forecast, returns, 99)]).toEqual([0, 0, 0, 0]);
    expect(valueAtRisk(0, 4, 95)).toBeCloseTo(100 * (1 - Math.exp(-0.0328971)), 4);
  });

  it("blocks of twenty days are drawn together", () => {
    expect(intervalOf(new Float64Array(50).fill(0.5), 1)).toEqual([0.5, 0.5]);
    const [low, high] = intervalOf(
      Float64Array.from({ length: 400 }, (_, t) => (t % 40 < 20 ? 1 : -1)),
      1,
    );
    expect(low).toBeLessThan(-0.3); // of single days it would be −0.1
    expect(high).toBeGreaterThan(0.3);
  });
});

/** Closes of working days, from a Monday on. */
function closes(count: number, change: (lines: string[]) => void = () => {}): string {
  const random = new Generator(4);
  let close = 100;
  const lines = Array.from({ length: count }, (_, i) => {
    close *= Math.exp(0.01 * random.normal());
    return `${new Date(Date.UTC(2010, 0, 4 + 7 * Math.floor(i / 5) + (i % 5))).toISOString().slice(0, 10)},${close.toFixed(4)}`;
  });
  change(lines);
  return ["Date,Close", ...lines].join("\r\n");
}

describe("closes of one's own", () => {
  const file = join(folder, "closes.csv");
  const reading = (text: string) => {
    writeFileSync(file, text);
    return () => readCloses(file);
  };

  it("are read, other columns left aside", () => {
    const { last, returns, daysAYear } = reading(`\ufeff${closes(600)}\r\n`)();
    expect(returns).toHaveLength(599);
    expect(last.date).toBe("2012-04-20");
    expect(daysAYear).toBeCloseTo(261, 0);
    expect(reading(closes(6000))().returns).toHaveLength(5000);
  });

  const edited = (i: number, line: string) => closes(600, (lines) => void lines.splice(i, 1, line));
  it.each([
    ["nothing", "", /expected a line of names/],
    ["names alone", "date,close", /expected a line of names/],
    ["text", "To be, or not\nto be: that, is", /expected a column date/],
    ["no close", "date,price\n2020-01-02,5", /expected a column close/],
    ["one row", "date,close\n2020-01-02,5", /expected more than 500 days, got 1$/],
    ["too few", closes(500), /expected more than 500 days, got 500$/],
    ["a zero", edited(3, "2010-01-07,0"), /expected a close above 0, such as 2874.56, on 2010-01-07, got "0"/],
    ["a debt", edited(3, "2010-01-07,-37.63"), /on 2010-01-07, got "-37.63"/],
    ["a thousand", edited(3, '2010-01-07,"2,874.56"'), /on 2010-01-07, got "2,874.56"/],
    ["no number", edited(3, "2010-01-07,Infinity"), /got "Infinity"/],
    ["too large", edited(3, "2010-01-07,1e999"), /got "1e999"/],
    ["nothing there", edited(3, "2010-01-07,"), /got ""/],
    ["no date", edited(3, "07.01.2010,100"), /expected dates such as 2015-12-31, got "07.01.2010"/],
    ["no such day", edited(3, "2010-02-30,100"), /got "2010-02-30"/],
    ["twice", edited(3, "2010-01-06,100"), /2010-01-06 is there twice/],
    ["newest first", closes(600, (lines) => void lines.reverse()), /expected the oldest day first, got 2012-04-20 and then 2012-04-19/],
    [
      "a gap",
      closes(700, (lines) => void lines.splice(300, 20)),
      /expected a close on every trading day, got 2011-02-25 and then 2011-03-28/,
    ],
    ["weeks", closes(3000, (lines) => void lines.splice(0, 3000, ...lines.filter((_, i) => i % 5 === 0))), /got one in 7.0 days/],
    ["a split", edited(300, "2011-02-28,1"), /a mistake, or a split/],
    [
      "nothing moves",
      closes(600, (lines) => void lines.splice(0, 600, ...lines.map((line) => line.replace(/,.*/, ",5")))),
      /on 599 of 599 days/,
    ],
    ["a ragged line", `${closes(600)}\r\n2015-01-01`, /Invalid Record Length/],
  ])("%s: one line", (_, text, message) => {
    expect(reading(text)).toThrow(message);
    expect(reading(text)).toThrow(/^[^\n]{1,300}$/);
  });
});

describe("the program", () => {
  const [model, foreign, file] = ["model.safetensors", "foreign.safetensors", "mine.csv"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "volatility", ...args], {
      ...{ encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
    });
  beforeAll(async () => {
    using rt = await createRuntime({ seed: 1 });
    const scaler = new Standardizer().fit(Array.from({ length: 9 }, (_, i) => new Array(FEATURES).fill(i)));
    writeFileSync(model, saved({ model: new Volatility(rt, { features: FEATURES, units: 2, members: 1 }), scaler }));
    writeFileSync(foreign, new Sequential(rt, { head: new Dense(rt, { inputSize: FEATURES, outputSize: 2 }) }).save({ scaler }));
    writeFileSync(file, closes(600));
  });

  it("says how wild tomorrow will be: what has learned nothing says what GJR-GARCH does", () => {
    const { stdout, stderr, status } = run("--use", file, "--save", model);
    expect([stderr, status]).toEqual(["", 0]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("  the trading day after 2012-04-20, of 599 daily returns before it");
    const [ours, theirs] = ["LSTM", "GJR"].map((name) => lines.find((line) => line.startsWith(`  ${name}`))?.match(/[\d.]+ %/g));
    expect(ours).toHaveLength(4);
    expect(ours).toEqual(theirs);
    expect(Number.parseFloat(ours?.[0] as string)).toBeGreaterThan(0.8); // 1 was made
    expect(Number.parseFloat(ours?.[0] as string)).toBeLessThan(1.2);
  });

  it.each([
    [
      "another example's model",
      ["--use", file, "--save", foreign],
      /^error: .*foreign.safetensors: expected a model of the example volatility\n$/,
    ],
    ["no model", ["--use", file, "--save", "none.safetensors"], /^error: .*there is no such file.*npm run example volatility\n$/],
    ["a folder", ["--use", folder, "--save", model], /^error: cannot read the closes .*: it is a directory\n$/],
    ["recording of a short run", ["--quick", "--record"], /^error: option '--record' cannot be used with option '--quick'\n$/],
  ])("%s: one line", (_, args, message) => {
    const { stderr, status } = run(...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});
