/** The table and the choice, kept from visit to visit. */
import { forget, keep, kept } from "../shared/store";
import type { Choice } from "./choice";

const [FILE, CHOICE] = ["signals.file", "signals.choice"];
const LARGEST = 2_000_000;

interface KeptFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** @returns whether it is kept: files that are too large are not, and then none is */
export async function rememberFile(file: Blob, name: string): Promise<boolean> {
  if (file.size <= LARGEST) return keep(FILE, { name, bytes: await file.arrayBuffer() } satisfies KeptFile);
  await forgetFile();
  return false;
}

export function forgetFile(): Promise<void> {
  return forget(FILE);
}

export function rememberChoice(choice: Choice): Promise<boolean> {
  return keep(CHOICE, choice);
}

export function rememberedFile(): Promise<KeptFile | undefined> {
  return kept<KeptFile>(FILE);
}

export function rememberedChoice(): Promise<Choice | undefined> {
  return kept<Choice>(CHOICE);
}
