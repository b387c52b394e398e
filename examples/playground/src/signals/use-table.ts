/** The table that is open, and what is chosen of it; both come back at the next visit. */
import { useEffect, useRef, useState } from "preact/hooks";
import { said } from "../shared/errors";
import { type Choice, firstChoice, stillFits } from "./choice";
import { readTable } from "./read";
import { forgetFile, rememberChoice, rememberedChoice, rememberedFile, rememberFile } from "./remembered";
import type { Table } from "./table";

/** The table that comes along, and its column to begin with. */
const SAMPLE = { name: "seattle-weather.csv", target: "temp_max" };

export interface Opened {
  readonly table: Table;
  readonly choice: Choice;
  /** Whether it comes back at the next visit. */
  readonly comesBack: boolean;
}

export function useTable() {
  const [opened, setOpened] = useState<Opened>();
  const [problem, setProblem] = useState<string>();
  const [reading, setReading] = useState(true);
  const newest = useRef(0); // of what was asked for: what was asked before does not matter any more

  const take = async (open: () => Promise<Opened>) => {
    const turn = ++newest.current;
    setReading(true);
    setProblem(undefined);
    try {
      const result = await open();
      if (turn === newest.current) setOpened(result);
    } catch (error) {
      if (turn === newest.current) setProblem(said(error));
    }
    if (turn === newest.current) setReading(false);
  };
  useEffect(() => {
    take(last);
    return () => {
      newest.current = -1;
    };
  }, []);
  return {
    ...{ opened, problem, reading },
    openFile: (file: File) => take(() => fresh(file)),
    openSample: () => take(sample),
    choose(choice: Choice) {
      setOpened((before) => before && { ...before, choice });
      rememberChoice(choice);
    },
  };
}

/** What was open at the last visit, or the sample. */
async function last(): Promise<Opened> {
  const file = await rememberedFile();
  const before = await rememberedChoice();
  const opened = file ? await open(new Blob([file.bytes]), file.name) : await fetchSample();
  return before && stillFits(before, opened.table) ? { ...opened, choice: before } : opened;
}

async function fresh(file: File): Promise<Opened> {
  const opened = await open(file, file.name);
  const comesBack = await rememberFile(file, file.name);
  await rememberChoice(opened.choice);
  return { ...opened, comesBack };
}

async function sample(): Promise<Opened> {
  const opened = await fetchSample();
  await forgetFile();
  await rememberChoice(opened.choice);
  return opened;
}

async function fetchSample(): Promise<Opened> {
  const response = await fetch(`./data/${SAMPLE.name}`);
  if (!response.ok) throw new Error("The table that comes along is not there: npm run playground puts it beside the page.");
  return open(await response.blob(), SAMPLE.name, SAMPLE.target);
}

async function open(file: Blob, name: string, target?: string): Promise<Opened> {
  const table = await readTable(file, name);
  return { table, choice: firstChoice(table, target), comesBack: true };
}
