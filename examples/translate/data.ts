/** Pairs of English and German from LibreOffice's help and interface, parted by page. */
import { join } from "node:path";
import { debianFolders } from "../shared/debian.js";
import { hash } from "../shared/hash.js";
import { UserError } from "../shared/program.js";
import { HELP, type HelpPair, helpPairs } from "./help.js";
import { INTERFACE, interfacePairs } from "./interface.js";
import { nearOneOf, normalized } from "./near.js";
import { type Pair, wordsOf } from "./tidy.js";

/** Of so many pages one is tested, and one watched. */
const PAGES = 20;
/** Words of what is tested: shorter ones are names of functions and menus, that nothing around them explains. */
const FEWEST_WORDS = 3;
/** Of pages, and of interface strings, in a quick run: every n-th. */
const QUICK = 16;

export interface Parts {
  readonly learned: readonly Pair[];
  readonly watched: readonly HelpPair[];
  readonly tested: readonly HelpPair[];
  readonly counts: Counts;
}

export interface Counts {
  readonly pages: number;
  /** Unique pairs. */
  readonly help: number;
  readonly strings: number;
  /** That left the training side, being or resembling what is tested or watched. */
  readonly left: number;
}

/** @throws {UserError} when there are no data, or too few */
export function loadParts({ data, quick }: { data?: string; quick?: boolean }): Parts {
  const packages = [HELP.en.package, HELP.de.package, INTERFACE.package];
  const [en, de, ui] = debianFolders(packages, data) as [string, string, string];
  const every = quick ? QUICK : 1;
  const parts = parted(
    helpPairs([en, de], every),
    interfacePairs(ui).filter((_, i) => i % every === 0),
  );
  if ([parts.learned, parts.watched, parts.tested].some(({ length }) => length === 0))
    throw new UserError(`too few help pages in ${join(en, HELP.en.folder)}: expected some to learn, some to watch and some to test`);
  return parts;
}

type Part = "learned" | "watched" | "tested";

/** By a hash of its path, so that no other page changes it. */
export function partOf(page: string): Part {
  const place = Math.floor((hash(page) / 2 ** 32) * PAGES);
  return place === 3 ? "tested" : place === 1 ? "watched" : "learned";
}

/**
 * Pages are tested, watched or learned. Paragraphs are embedded in many pages, so what is on the test's pages, or nearly so on either side, is
 * neither watched nor learned, and what is watched is not learned; interface strings are learned, and leave by the same rule.
 */
export function parted(help: readonly HelpPair[], strings: readonly Pair[]): Parts {
  const of = (part: Part) => unique(help.filter(({ page }) => partOf(page) === part));
  const sentences = (pairs: readonly HelpPair[]) => pairs.filter(({ en }) => wordsOf(en).length >= FEWEST_WORDS);
  const tested = onceEach(sentences(of("tested")));
  const watched = without(onceEach(sentences(of("watched"))), tested);
  const candidates = unique<Pair>([...of("learned"), ...strings]);
  const learned = without(candidates, [...tested, ...watched]);
  const counts = {
    pages: new Set(help.map(({ page }) => page)).size,
    help: unique(help).length,
    strings: unique(strings).length,
    left: candidates.length - learned.length,
  };
  return { learned, watched, tested, counts };
}

function unique<P extends Pair>(pairs: readonly P[]): P[] {
  return [...new Map(pairs.map((pair) => [`${pair.en}\n${pair.de}`, pair] as const).reverse()).values()].reverse();
}

/** One translation of what is the same but for digits, case and punctuation. */
function onceEach<P extends Pair>(pairs: readonly P[]): P[] {
  return [...new Map(pairs.map((pair) => [normalized(pair.en), pair] as const).reverse()).values()].reverse();
}

function without<P extends Pair>(pairs: readonly P[], others: readonly Pair[]): P[] {
  const [english, german] = [nearOneOf(others.map(({ en }) => en)), nearOneOf(others.map(({ de }) => de))];
  return pairs.filter(({ en, de }) => !english(en) && !german(de));
}
