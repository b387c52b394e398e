/** The last file, and how its inputs were filled: kept from visit to visit. */
import { forget, keep, kept } from "../shared/store";
import type { Choice } from "./choice";
import type { GivenFile } from "./files";

const [FILES, CHOICE] = ["model.files", "model.choice"];
/** Bytes of files that are kept at most. */
export const LARGEST_KEPT = 16_000_000;

/** @returns whether they are kept: files that are too large are not, and then none is */
export async function rememberFiles(files: readonly GivenFile[]): Promise<boolean> {
  if (files.reduce((sum, { bytes }) => sum + bytes.length, 0) <= LARGEST_KEPT) return keep(FILES, files);
  await forget(FILES);
  return false;
}

export async function rememberedFiles(): Promise<readonly GivenFile[] | undefined> {
  const files = await kept<unknown>(FILES);
  const isFile = (each: unknown) =>
    typeof each === "object" &&
    each !== null &&
    "name" in each &&
    typeof each.name === "string" &&
    "bytes" in each &&
    each.bytes instanceof Uint8Array;
  return Array.isArray(files) && files.length > 0 && files.every(isFile) ? files : undefined;
}

export function forgetFiles(): Promise<void> {
  return forget(FILES);
}

export function rememberChoice(choice: Choice): Promise<boolean> {
  return keep(CHOICE, choice);
}

export function rememberedChoice(): Promise<Choice | undefined> {
  return kept<Choice>(CHOICE);
}
