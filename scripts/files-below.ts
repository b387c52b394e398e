/** All files below a folder. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Installed packages are left out (one of the playground's is a link to all of this again), and so are links. @returns paths from the folder on */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory() && entry.name !== "node_modules")
      return filesBelow(join(folder, entry.name)).map((file) => join(entry.name, file));
    return entry.isFile() ? [entry.name] : [];
  });
}
