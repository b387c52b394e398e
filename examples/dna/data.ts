/** Splice junctions of primates: 60 bases around a place in a gene, and what the place is. Windows that are related stay together. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { debianFolders } from "../shared/debian.js";
import { hash } from "../shared/hash.js";
import { UserError } from "../shared/program.js";
import { columnsOf, levelsOf, readRData } from "../shared/r-data.js";

export const BASES = "ACGT";
export const WINDOW = 60;
/** The junction is before this base. */
export const JUNCTION = 30;

/** Exon to intron, intron to exon, neither. */
export const CLASSES = ["ei", "ie", "n"] as const;
export const NEITHER = 2;
/** What biology calls them. */
export const NAMES = ["donor", "acceptor", "neither"] as const;

export interface Window {
  readonly bases: string;
  /** A place in CLASSES. */
  readonly label: number;
  /** Related windows have the same number. */
  readonly group: number;
}

const FILE = "usr/lib/R/site-library/mlbench/data/DNA.rda";
/** Three bits a base; no bit is T. */
const CODES: Readonly<Record<string, string>> = { "100": "A", "010": "C", "001": "G", "000": "T" };

/** All windows, in the set's order. @throws {UserError} when they cannot be had, or the file is another */
export async function loadWindows(data?: string): Promise<Window[]> {
  const [folder] = debianFolders(["r-cran-mlbench"], data) as [string];
  const file = join(folder, FILE);
  if (!existsSync(file)) throw new UserError(`--data: there is no ${file}`);
  const columns = columnsOf((await readRData(readFileSync(file))).get("DNA"));
  return windowsOf([...columns.values()].map(levelsOf));
}

/** Of all rows of the set, in its order. */
const STATLOG = 0xf73f78b6;

/** Whether they are the set's, all of them and in its order: only of these have others published figures. */
export function isStatLog(windows: readonly Pick<Window, "bases" | "label">[]): boolean {
  return hash(windows.map(({ bases, label }) => bases + label).join()) === STATLOG;
}

/** @param columns the bits of each base, and the class: each of them of all windows */
export function windowsOf(columns: readonly (readonly (string | null)[])[]): Window[] {
  const [bits, classes] = [columns.slice(0, -1), columns.at(-1) ?? []];
  if (bits.length !== 3 * WINDOW) throw new UserError(`DNA.rda: expected ${3 * WINDOW} columns of bits, got ${bits.length}`);
  if (classes.length === 0) throw new UserError("DNA.rda: expected windows, got none");
  const windows = classes.map((name, row) => {
    const bases = Array.from(
      { length: WINDOW },
      (_, i) => CODES[`${bits[3 * i]?.[row]}${bits[3 * i + 1]?.[row]}${bits[3 * i + 2]?.[row]}`],
    );
    const label = (CLASSES as readonly (string | null)[]).indexOf(name);
    if (label === -1 || bases.some((base) => base === undefined))
      throw new UserError(`DNA.rda: row ${row + 1} has a class or bits that are not known`);
    return { bases: bases.join(""), label };
  });
  const groups = groupsOf(windows.map(({ bases }) => bases));
  return windows.map((window, i) => ({ ...window, group: groups[i] as number }));
}

/** As many bases in a row as chance does not give two windows in common: of all 5 million pairs, anywhere in them, to 0.01. */
const SHARED = 20;
/** Differences, place by place, that chance does not leave: unrelated windows have 45 of 60, give or take 3. */
const DIFFERENT = 20;

/**
 * Of each window the number of its group: two that share SHARED bases in a row anywhere, or differ in at most DIFFERENT places, are in one.
 * So are copies, alleles, members of a gene family, and windows that overlap.
 */
export function groupsOf(sequences: readonly string[]): Int32Array {
  const parent = Int32Array.from(sequences.keys());
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at] as number] as number;
    return at;
  };
  const join = (a: number, b: number) => {
    parent[root(Math.max(a, b))] = root(Math.min(a, b));
  };
  const first = new Map<string, number>();
  for (const [i, bases] of sequences.entries()) {
    for (let at = 0; at + SHARED <= bases.length; at++) {
      const piece = bases.slice(at, at + SHARED);
      const other = first.get(piece);
      if (other === undefined) first.set(piece, i);
      else join(i, other);
    }
  }
  const codes = sequences.map((bases) => Uint8Array.from(bases, (base) => BASES.indexOf(base)));
  for (const [i, a] of codes.entries()) {
    for (let j = 0; j < i; j++) if (isClose(a, codes[j] as Uint8Array)) join(i, j);
  }
  const roots = Array.from(sequences, (_, i) => root(i));
  const numbers = new Map([...new Set(roots)].map((each, number) => [each, number]));
  return Int32Array.from(roots, (each) => numbers.get(each) as number);
}

function isClose(a: Uint8Array, b: Uint8Array): boolean {
  let different = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && ++different > DIFFERENT) return false;
  return true;
}
