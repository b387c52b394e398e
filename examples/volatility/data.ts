/** Markets day by day, and the days in which the systems are tested. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { debianFolders } from "../shared/debian.js";
import { readBytes, UserError } from "../shared/program.js";
import { numbersOf, readLazyData } from "../shared/r-data.js";

export interface Market {
  readonly name: string;
  /** 100 ln close / close before. */
  readonly returns: Float64Array;
  /** Of the returns, such as 2020-03-16, where they are known. */
  readonly dates?: readonly string[];
}

/** Days that are forecast by what was learned of those before `from`. */
export interface Block {
  readonly from: number;
  /** The first one that is not of it. */
  readonly to: number;
}

/** Markets with the same days. */
export interface Panel {
  readonly name: string;
  readonly markets: readonly Market[];
  /** On which everything was chosen. */
  readonly watched: readonly Block[];
  readonly tested: readonly Block[];
}

/** Columns of EuStockMarkets. */
const INDICES = ["DAX", "SMI", "CAC", "FTSE"] as const;
const EU_BLOCK = 124; // days: half a year; the last 40 % of the days are six of them
const EU_BLOCKS = 10;
/** Days before the first block: fewer teach nothing. */
const FEWEST = 250;

export function returnsOf(closes: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: closes.length - 1 }, (_, i) => 100 * Math.log((closes[i + 1] as number) / (closes[i] as number)));
}

export const SP500_FILE = join(createRequire(import.meta.url).resolve("vega-datasets"), "../../data/sp500-2000.csv");

/** 2000 to April 2020: watched are 2005 to 2009, tested the years since. */
export function sp500(): Panel {
  const rows: Record<string, string>[] = parse(readFileSync(SP500_FILE), { bom: true, columns: true });
  const dates = rows.slice(1).map(({ date }) => date as string);
  const market = { name: "S&P 500", dates, returns: returnsOf(rows.map(({ close }) => Number(close))) };
  const years = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, i) => ({
      from: dates.findIndex((date) => date >= `${first + i}`),
      to: dates.findLastIndex((date) => date < `${first + i + 1}`) + 1,
    }));
  return { name: "S&P 500", markets: [market], watched: years(2005, 2009), tested: years(2010, 2020) };
}

/** Four indices, 1991 to 1998. @param data the folder with Debian's r-base-core @throws {UserError} when it cannot be had */
export async function euStocks(data?: string): Promise<Panel> {
  const [folder = ""] = debianFolders(["r-base-core"], data);
  const database = join(folder, "usr/lib/R/library/datasets/data/Rdata");
  const [index, objects] = ["rdx", "rdb"].map((kind) => readBytes(`${database}.${kind}`, "data")) as [Uint8Array, Uint8Array];
  const all = numbersOf(await readLazyData(index, objects, "EuStockMarkets"));
  checkCloses(all, `${database}.rdb`);
  const days = all.length / INDICES.length;
  const markets = INDICES.map((name, i) => ({ name, returns: returnsOf(all.subarray(i * days, (i + 1) * days)) }));
  const blocks = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ from: days - 1 - EU_BLOCK * (first - i), to: days - 1 - EU_BLOCK * (first - i - 1) }));
  return { name: "four European indices", markets, watched: blocks(EU_BLOCKS, 4), tested: blocks(6, 6) };
}

/** Index after index, as many days of each. @throws {UserError} when they are none */
export function checkCloses(closes: Float64Array, file: string): void {
  const [days, least] = [closes.length / INDICES.length, EU_BLOCKS * EU_BLOCK + FEWEST];
  const wrong = closes.find((close) => !(close > 0 && close < Number.POSITIVE_INFINITY));
  if (!Number.isInteger(days) || days < least)
    throw new UserError(
      `${file}: expected EuStockMarkets, ${INDICES.length} closes on each of ${least} days or more, got ${closes.length} numbers`,
    );
  if (wrong !== undefined) throw new UserError(`${file}: expected closes above 0 in EuStockMarkets, got ${wrong}`);
}
