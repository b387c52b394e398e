/** Links of a built site to places that are not in their page: VitePress asks only whether the page is there. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { filesBelow } from "./files-below.js";

const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`, "g");
const [ID, HREF] = [attribute("id"), attribute("href")];

const valuesOf = (html: string, name: RegExp): string[] => [...html.matchAll(name)].map(([, value = ""]) => value.replace(/&amp;/g, "&"));

/** @param folder of the built pages @param base where they will lie on a server, as "/docs/" @returns "page: link" of each */
export function deadAnchors(folder: string, base: string): string[] {
  const pages = filesBelow(folder).filter((file) => file.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(folder, page), "utf8")]));
  const places = new Map([...texts].map(([page, html]) => [page, new Set(valuesOf(html, ID))]));
  const isDead = (page: string, href: string): boolean => {
    const [, path = "", anchor = ""] = /^([^#?]*)(?:\?[^#]*)?#(.+)$/.exec(href) ?? [];
    if (anchor === "" || /^([a-z]+:|\/\/)/.test(href)) return false;
    const to = path.startsWith(base) ? path.slice(base.length) : posix.join(posix.dirname(page), path);
    const own = path === "" ? page : [to, `${to}.html`, posix.join(to, "index.html")].find((file) => places.has(file));
    return own !== undefined && !places.get(own)?.has(decodeURIComponent(anchor));
  };
  return [...texts].flatMap(([page, html]) =>
    [...new Set(valuesOf(html, HREF))].filter((href) => isDead(page, href)).map((href) => `${page}: ${href}`),
  );
}
