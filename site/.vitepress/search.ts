/** What the search finds: each section of a document; of the API reference a record for each page and for each member that is a page's own, and no heading such as "Returns". */
export interface Section {
  readonly anchor?: string;
  readonly titles: string[];
  readonly text: string;
}

const HEADING = /<h([1-6])[^>]*>(.*?)<a[^>]* href="#([^"]*)".*?<\/h\1>/gs;

const plain = (html: string): string => html.replace(/<[^>]*>/g, "").trim();

interface Part {
  readonly level: number;
  readonly title: string;
  readonly anchor: string;
  readonly text: string;
}

function partsOf(html: string): Part[] {
  const found = Array.from(html.matchAll(HEADING));
  return found.map(({ 0: whole, 1: level, 2: title = "", 3: anchor = "", index }, i) => {
    const text = plain(html.slice(index + whole.length, found[i + 1]?.index));
    return { level: Number(level), title: plain(title), anchor, text };
  });
}

/** A member is an <h3> below such an <h2>; below "Parameters" of a function it is none. */
const MEMBERS = /^(Accessors|Methods|Properties)$/;

interface Entry {
  readonly anchor?: string;
  readonly titles: string[];
  readonly texts: string[];
  inherited?: boolean;
}

/** The sections of a page of the API reference, all else within the member or the page that it belongs to. */
export function sectionsOfApi(html: string): Section[] {
  const [first, ...parts] = partsOf(html);
  if (first === undefined) return [];
  const page: Entry = { titles: [first.title], texts: [first.text] };
  const members: Entry[] = [];
  let group = "";
  for (const { level, title, anchor, text } of parts) {
    if (level === 2) group = title;
    if (level === 3 && MEMBERS.test(group)) members.push({ anchor, titles: [first.title, title], texts: [text] });
    else if (level < 4 || !MEMBERS.test(group)) page.texts.push(text);
    else if (title === "Inherited from") Object.assign(members.at(-1) ?? {}, { inherited: true });
    else members.at(-1)?.texts.push(text);
  }
  const own = [page, ...members.filter(({ inherited }) => !inherited)];
  return own.map(({ texts, inherited: _, ...where }) => ({ ...where, text: texts.filter(Boolean).join(" ") }));
}

/** Documents, and pages of the reference by their names, before the members on them and before what was measured or changed once. */
export const weightOf = (id: string): number => (/\/docs\/api\/.*#|\/(examples|bench)\/|CHANGELOG|CONTRIBUTING/.test(id) ? 0.5 : 1);
