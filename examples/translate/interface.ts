/** The strings of LibreOffice's menus, dialogues and tips: gettext catalogues, the English in the place of a key. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { mo } from "gettext-parser";
import { readBytes, UserError } from "../shared/program.js";
import { isPair, type Pair, tidied } from "./tidy.js";

export const INTERFACE = { package: "libreoffice-l10n-de", folder: "usr/lib/libreoffice/program/resource/de/LC_MESSAGES" } as const;

/** What is put in while the program runs, and mark-up: such strings are left out. */
const PLACEHOLDER = /[%$#]\w|[%$#][({[]|<\/?\w|&\w|\\n|\{\w*\}|__/;

/** Without the marks of the letters that keys choose by (`~File`, `_File`). */
export function plain(text: string): string | undefined {
  const named = text.replaceAll("%PRODUCTNAME", "LibreOffice");
  return PLACEHOLDER.test(named) ? undefined : tidied(named.replace(/[~_]/g, ""));
}

/** @throws {UserError} where there are no catalogues */
export function interfacePairs(root: string): Pair[] {
  const folder = join(root, INTERFACE.folder);
  if (!existsSync(folder)) throw new UserError(`no interface strings: there is no folder ${folder}`);
  const catalogues = readdirSync(folder).filter((file) => file.endsWith(".mo"));
  if (catalogues.length === 0) throw new UserError(`no interface strings: there is no catalogue (*.mo) in ${folder}`);
  return catalogues.sort().flatMap((name) =>
    contextsOf(join(folder, name))
      .flatMap((context) => Object.values(context))
      .flatMap(({ msgid, msgstr }) => {
        const [en, de] = [plain(msgid), plain(msgstr[0] ?? "")];
        return en !== undefined && de !== undefined && isPair({ en, de }) ? [{ en, de }] : [];
      }),
  );
}

/** @throws {UserError} when the file is no catalogue */
function contextsOf(file: string) {
  const bytes = readBytes(file, "catalogue");
  try {
    return Object.values(mo.parse(bytes).translations);
  } catch {
    throw new UserError(`${file}: expected a catalogue of gettext`);
  }
}
