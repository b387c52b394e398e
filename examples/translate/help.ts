/** The paragraphs of LibreOffice's help pages: the same one has the same id in every language. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "htmlparser2";
import { readBytes, UserError } from "../shared/program.js";
import { isPair, type Pair, tidied } from "./tidy.js";

/** Packages, and where they have their pages. */
export const HELP = {
  en: { package: "libreoffice-help-en-us", folder: "usr/share/libreoffice/help/en-US/text" },
  de: { package: "libreoffice-help-de", folder: "usr/share/libreoffice/help/de/text" },
} as const;

const PARAGRAPH = /^(?:p|h[1-6]|td)$/;

/** Bytes of a page at most: LibreOffice's have up to 203,272, and tags in one another take the parser time that grows by the square. */
const LARGEST_PAGE = 500_000;

export interface HelpPair extends Pair {
  /** Its path, the same in every language. */
  readonly page: string;
}

/** Texts by id. Of what depends on the system or the program, what is said by default: pages have all of it, and a script hides the rest. */
export function paragraphs(html: string): Map<string, string> {
  const found = new Map<string, string>();
  const open: { readonly id?: string; readonly hidden: boolean; text: string }[] = [{ hidden: false, text: "" }];
  const parser = new Parser({
    onopentag(name, { id, hidden }) {
      const above = open.at(-1) as (typeof open)[number];
      const isHidden = above.hidden || (hidden !== undefined && !(id ?? "").startsWith("default"));
      open.push({ hidden: isHidden, text: name === "br" ? " " : "", ...(PARAGRAPH.test(name) && id !== undefined && { id }) });
    },
    ontext(text) {
      const innermost = open.at(-1) as (typeof open)[number];
      if (!innermost.hidden) innermost.text += text;
    },
    onclosetag() {
      const { id, text } = open.pop() as (typeof open)[number];
      const above = open.at(-1) as (typeof open)[number];
      if (id === undefined) above.text += text;
      else if (!found.has(id)) found.set(id, tidied(text));
    },
  });
  parser.write(html);
  parser.end();
  return found;
}

/**
 * What pages say in both languages, page by page in the order of their paths.
 *
 * @param folders that hold the two packages
 * @param every n-th page alone
 * @throws {UserError} where there are no pages
 */
export function helpPairs([en, de]: readonly [string, string], every = 1): HelpPair[] {
  const [english, german] = [join(en, HELP.en.folder), join(de, HELP.de.folder)];
  for (const folder of [english, german]) if (!existsSync(folder)) throw new UserError(`no help pages: there is no folder ${folder}`);
  const pages = readdirSync(english, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  if (pages.length === 0) throw new UserError(`no help pages: there is none (*.html) in ${english}`);
  const chosen = pages.sort().filter((page, i) => i % every === 0 && existsSync(join(german, page)));
  return chosen.flatMap((page) => {
    const [source, target] = [english, german].map((folder) => paragraphs(pageIn(join(folder, page))));
    return [...(source as Map<string, string>)].flatMap(([id, en]) => {
      const pair = { en, de: target?.get(id) ?? "", page };
      return isPair(pair) ? [pair] : [];
    });
  });
}

/** @throws {UserError} when it cannot be read, or is no page of help */
function pageIn(file: string): string {
  const bytes = readBytes(file, "page");
  if (bytes.length > LARGEST_PAGE) throw new UserError(`${file}: expected a page of at most ${LARGEST_PAGE} bytes, got ${bytes.length}`);
  return new TextDecoder().decode(bytes);
}
