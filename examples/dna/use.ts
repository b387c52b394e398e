/** Junctions in bases of one's own: one window classified, or all windows of a longer sequence. */
import { existsSync } from "node:fs";
import pc from "picocolors";
import { loadModel, type Runtime } from "wasm-rnn";
import { softmax } from "../shared/numbers.js";
import { readBytes, UserError } from "../shared/program.js";
import { readSaved, readStdin } from "../shared/saved.js";
import { grouped, printable, width, wrap } from "../shared/text.js";
import { BASES, JUNCTION, NAMES, NEITHER, WINDOW } from "./data.js";
import { logitsOf } from "./learn.js";
import { Ensemble } from "./model.js";
import { best } from "./naive-bayes.js";

const LONGEST = 200_000; // bases, of all sequences together: a minute
/** Letters of bases that are not known for sure (IUPAC): a window with one is not read. */
const UNSURE = "RYSWKMBDHVN";
/** Windows at a time. */
const CHUNK = 2048;
/** So sure it has to be of a junction in a longer sequence, and surer than of any so near. */
const SURE = 0.95;
const NEAR = 10;
/** Bases that are shown on both sides of a junction. */
const SHOWN = 12;

export interface Sequence {
  readonly name: string;
  /** A longer one may have UNSURE ones. */
  readonly bases: string;
}

export interface Site {
  /** Bases before the junction. */
  readonly at: number;
  readonly label: number;
  readonly probability: number;
}

/** @throws {UserError} when the file is no model of this example */
export function loadEnsemble(rt: Runtime, file: string): Ensemble {
  return readSaved(file, "dna", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Ensemble } });
    return model instanceof Ensemble ? { model } : undefined;
  }).model;
}

/** @param use bases, a file, or - for stdin @throws {UserError} when there are no bases in it, or what is none */
export function sequencesOf(use: string): Sequence[] {
  const sequences = parse(textOf(use));
  const total = sequences.reduce((sum, { bases }) => sum + bases.length, 0);
  if (total === 0) throw new UserError("--use: there are no bases in it");
  if (total > LONGEST) throw new UserError(`--use: expected at most ${grouped(LONGEST)} bases, got ${grouped(total)}`);
  for (const { name, bases } of sequences) {
    if (bases.length < WINDOW) throw new UserError(`--use: expected ${WINDOW} bases at least, got ${bases.length}${name && ` of ${name}`}`);
  }
  return sequences;
}

function textOf(use: string): string {
  if (use === "-") return readStdin();
  if (/^[\sa-z]*$/i.test(use) && !existsSync(use)) return use;
  return Buffer.from(readBytes(use, "file of bases", "expected bases, or a file of them")).toString("utf8");
}

/** FASTA, or bases alone; U is T. */
function parse(text: string): Sequence[] {
  const [before = "", ...records] = `\n${text.replace(/^\ufeff/, "")}`.split(/[\r\n]+>/);
  const named = records.map((record) => {
    const [head = "", ...lines] = record.split(/[\r\n]+/);
    const name = printable(head.trim().slice(0, 60)) || "a sequence without a name";
    return { name, bases: basesIn(lines.join(""), name) };
  });
  return before.trim() === "" ? named : [{ name: "", bases: basesIn(before, "") }, ...named];
}

function basesIn(text: string, name: string): string {
  const bases = text.replace(/\s+/g, "").toUpperCase().replaceAll("U", "T");
  const known = bases.length > WINDOW ? BASES + UNSURE : BASES;
  const at = bases.search(new RegExp(`[^${known}]`));
  if (at === -1) return bases;
  const letter = JSON.stringify(String.fromCodePoint(bases.codePointAt(at) as number));
  throw new UserError(`--use: expected bases, A, C, G and T or U, got ${letter} as number ${at + 1}${name && ` of ${name}`}`);
}

/** Of each window the probabilities of the classes, and nothing of those with a base that is not known. */
async function probabilitiesOf(model: Ensemble, bases: string): Promise<(number[] | undefined)[]> {
  const all = new Array<number[] | undefined>(bases.length - WINDOW + 1).fill(undefined);
  const isUnsure = new RegExp(`[${UNSURE}]`);
  const places = [...all.keys()].filter((at) => !isUnsure.test(bases.slice(at, at + WINDOW)));
  for (let from = 0; from < places.length; from += CHUNK) {
    if (places.length > CHUNK) progress(`${grouped(from)} of ${grouped(places.length)} windows`);
    const chunk = places.slice(from, from + CHUNK);
    const logits = await logitsOf(
      model,
      chunk.map((at) => ({ bases: bases.slice(at, at + WINDOW) })),
    );
    if (!logits.every((own) => own.every(Number.isFinite)))
      throw new UserError("the model's numbers are too large to say anything of these bases");
    for (const [i, at] of chunk.entries()) all[at] = softmax(logits[i] as Float32Array);
  }
  if (places.length > CHUNK) progress("");
  return all;
}

/** A line that the next one replaces, for who waits at a terminal. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line && pc.dim(`  ${line}`)}`);
}

/** Where a junction is likelier than SURE, and than at any place near; in their order. */
export function sitesIn(probabilities: readonly (ArrayLike<number> | undefined)[]): Site[] {
  const likelier = probabilities.map((own, i) => {
    if (own === undefined) return { at: i + JUNCTION, label: NEITHER, probability: 0 };
    const label = best(Array.from(own).slice(0, NEITHER));
    return { at: i + JUNCTION, label, probability: own[label] as number };
  });
  return likelier.filter(({ probability }, i) => {
    const before = likelier.slice(Math.max(0, i - NEAR), i);
    const after = likelier.slice(i + 1, i + NEAR + 1);
    const isSurest = before.every((other) => other.probability < probability) && after.every((other) => other.probability <= probability);
    return probability >= SURE && isSurest;
  });
}

/** Lines that say what a sequence is, or has in it: of one after another. */
export async function* findJunctions(model: Ensemble, sequences: readonly Sequence[]): AsyncGenerator<string[]> {
  for (const { name, bases } of sequences) {
    const probabilities = await probabilitiesOf(model, bases);
    const found = bases.length === WINDOW ? classLines(bases, probabilities[0] as number[]) : siteLines(bases, probabilities);
    yield [...(name === "" ? [] : [`  ${pc.bold(name)}`]), ...found];
  }
}

function classLines(bases: string, probabilities: number[]): string[] {
  const found = best(probabilities);
  const said = NAMES.map((name, label) => `${name} ${(100 * (probabilities[label] as number)).toFixed(1)} %`);
  return [
    `  ${bases.slice(0, JUNCTION)}${pc.cyan("|")}${bases.slice(JUNCTION)}`,
    `  ${said.map((text, label) => (label === found ? pc.bold(pc.cyan(text)) : pc.dim(text))).join("   ")}`,
  ];
}

function siteLines(bases: string, probabilities: readonly (number[] | undefined)[]): string[] {
  const sites = sitesIn(probabilities);
  const lines = sites.map(({ at, label, probability }) => {
    const around = `${bases.slice(at - SHOWN, at)}${pc.cyan("|")}${bases.slice(at, at + SHOWN)}`;
    const sides = label === 0 ? "exon → intron" : "intron → exon";
    return `  ${pc.bold((NAMES[label] as string).padEnd(8))}  after base ${String(at).padStart(6)}  ${around}  ${(100 * probability).toFixed(1)} %  ${pc.dim(sides)}`;
  });
  const count = sites.length === 1 ? "1 junction" : `${grouped(sites.length)} junctions`;
  const skipped = probabilities.filter((own) => own === undefined).length;
  const note = skipped > 0 ? `; ${grouped(skipped)} of them skipped, for N or another letter that is no one base` : "";
  const end = `${count} in ${grouped(bases.length)} bases, ${grouped(probabilities.length)} windows${note}`;
  return [...lines, ...wrap(end, width() - 2).map((line) => pc.dim(`  ${line}`))];
}
