/** Junctions in bases of one's own: one window classified, or all windows of a longer sequence. */
import { existsSync } from "node:fs";
import pc from "picocolors";
import { loadModel, type Runtime } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import { readSaved, readStdin } from "../shared/saved.js";
import { grouped, printable } from "../shared/text.js";
import { BASES, JUNCTION, NAMES, NEITHER, WINDOW } from "./data.js";
import { logitsOf } from "./learn.js";
import { Ensemble } from "./model.js";
import { best } from "./naive-bayes.js";

const LONGEST = 200_000; // bases, of all sequences together: a minute
/** Windows at a time. */
const CHUNK = 2048;
/** So sure it has to be of a junction in a longer sequence, and surer than of any so near. */
const SURE = 0.95;
const NEAR = 10;
/** Bases that are shown on both sides of a junction. */
const SHOWN = 12;

export interface Sequence {
  readonly name: string;
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
  const at = bases.search(new RegExp(`[^${BASES}]`));
  if (at === -1) return bases;
  const letter = JSON.stringify(String.fromCodePoint(bases.codePointAt(at) as number));
  throw new UserError(`--use: expected bases, A, C, G and T or U, got ${letter} as number ${at + 1}${name && ` of ${name}`}`);
}

/** Of each window the probabilities of the classes. */
async function probabilitiesOf(model: Ensemble, bases: string): Promise<Float64Array[]> {
  const all: Float64Array[] = [];
  const windows = bases.length - WINDOW + 1;
  for (let from = 0; from < windows; from += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, windows - from) }, (_, i) => ({ bases: bases.slice(from + i, from + i + WINDOW) }));
    for (const logits of await logitsOf(model, chunk)) all.push(softmax(logits));
  }
  return all;
}

function softmax(logits: Float32Array): Float64Array {
  const most = Math.max(...logits);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** Where a junction is likelier than SURE, and than at any place near; in their order. */
export function sitesIn(probabilities: readonly ArrayLike<number>[]): Site[] {
  const likelier = probabilities.map((own, i) => {
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

/** Says what each sequence is, or has in it. */
export async function findJunctions(model: Ensemble, sequences: readonly Sequence[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, bases } of sequences) {
    const probabilities = await probabilitiesOf(model, bases);
    if (name !== "") lines.push(`  ${pc.bold(name)}`);
    lines.push(
      ...(bases.length === WINDOW ? classLines(bases, probabilities[0] as Float64Array) : siteLines(bases, sitesIn(probabilities))),
    );
  }
  return lines;
}

function classLines(bases: string, probabilities: Float64Array): string[] {
  const found = best(probabilities);
  const said = NAMES.map((name, label) => `${name} ${(100 * (probabilities[label] as number)).toFixed(1)} %`);
  return [
    `  ${bases.slice(0, JUNCTION)}${pc.cyan("|")}${bases.slice(JUNCTION)}`,
    `  ${said.map((text, label) => (label === found ? pc.bold(pc.cyan(text)) : pc.dim(text))).join("   ")}`,
  ];
}

function siteLines(bases: string, sites: readonly Site[]): string[] {
  const lines = sites.map(({ at, label, probability }) => {
    const around = `${bases.slice(at - SHOWN, at)}${pc.cyan("|")}${bases.slice(at, at + SHOWN)}`;
    const sides = label === 0 ? "exon → intron" : "intron → exon";
    return `  ${pc.bold((NAMES[label] as string).padEnd(8))}  after base ${String(at).padStart(6)}  ${around}  ${(100 * probability).toFixed(1)} %  ${pc.dim(sides)}`;
  });
  const windows = bases.length - WINDOW + 1;
  return [
    ...lines,
    pc.dim(
      `  ${sites.length === 1 ? "1 junction" : `${sites.length} junctions`} in ${grouped(bases.length)} bases, ${grouped(windows)} windows`,
    ),
  ];
}
