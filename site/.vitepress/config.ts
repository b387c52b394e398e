/** All documents of the repository as they are (scripts/site.ts), README.md as the first page, with the API reference; every link is checked, by scripts/dead-anchors.ts that it leads to a heading, too. */
import { fileURLToPath } from "node:url";
import { defineConfig, type MarkdownRenderer } from "vitepress";
import { anchorOf } from "./anchor.js";
import { type Section, sectionsOfApi, weightOf } from "./search.js";
import { apiTrees, DOCUMENTS, EXAMPLES } from "./sidebar.js";

/** What is no page, as a source file, is named without a link: it is in the repository and not in the site. */
function withoutSources({ renderer }: MarkdownRenderer): void {
  const isPage = (href: string) => /^([a-z]+:|#)/.test(href) || /\.md(#.*)?$/.test(href);
  const { link_open: open, link_close: close } = renderer.rules;
  const depth: boolean[] = [];
  renderer.rules.link_open = (tokens, i, options, env, self) => {
    const linked = isPage(tokens[i]?.attrGet("href") ?? "");
    depth.push(linked);
    return linked ? (open?.(tokens, i, options, env, self) ?? self.renderToken(tokens, i, options)) : "<span>";
  };
  renderer.rules.link_close = (tokens, i, options, env, self) =>
    depth.pop() ? (close?.(tokens, i, options, env, self) ?? self.renderToken(tokens, i, options)) : "</span>";
}

const BASE = process.env.SITE_BASE ?? "/";

/** undefined: as VitePress does it. (Its type wants sections in any case.) */
const sectionsOf = (file: string, html: string) => (file.includes("/docs/api/") ? sectionsOfApi(html) : undefined) as Section[];

export default defineConfig({
  title: "wasm-rnn",
  description: "Recurrent networks at the speed of the hardware, wherever JavaScript runs.",
  srcDir: "pages", // copied here by scripts/site.ts
  outDir: "dist",
  cacheDir: "node_modules/.cache",
  base: BASE,
  head: [["link", { rel: "icon", href: `${BASE}icon.svg`, type: "image/svg+xml" }]],
  vite: { build: { chunkSizeWarningLimit: 1500 } }, // KB; what is larger than the usual 500 is the search's index, loaded at the first search
  markdown: { config: withoutSources, anchor: { slugify: anchorOf } },
  themeConfig: {
    search: { provider: "local", options: { miniSearch: { searchOptions: { boostDocument: weightOf }, _splitIntoSections: sectionsOf } } },
    nav: [
      { text: "Start", link: "/docs/getting-started" },
      { text: "Recipes", link: "/docs/recipes" },
      { text: "Examples", link: "/examples/" },
      { text: "Bench", link: "/bench/" },
      { text: "API", link: "/docs/api/" },
    ],
    sidebar: { ...apiTrees(fileURLToPath(new URL("../pages/docs/api", import.meta.url))), "/examples/": EXAMPLES, "/": DOCUMENTS },
    outline: [2, 3],
  },
});
