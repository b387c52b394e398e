/** Attention as a picture. */
import type { Attention } from "./attention.js";

const CELL = 30;
const FONT = 14;
/** A letter is about so wide. */
const LETTER = 0.6 * FONT;
const MARGIN = 16;
/** Words on top lean, so that they do not lie on one another. */
const LEAN = 45;
const SINE = Math.SQRT1_2;
/** Of all the attention there is: white is none of it. */
const INK = [12, 74, 110] as const;

/** An SVG document: words that were read on top, words that were said at the side, the darker the more. */
export function picture({ source, said, weights }: Attention): string {
  const widest = (words: readonly string[]) => Math.max(...words.map((word) => [...word].length)) * LETTER;
  const left = MARGIN + widest(said) + 10;
  const top = MARGIN + widest(source) * SINE + FONT;
  const leaning = source.map((word, s) => (s + 0.5) * CELL + [...word].length * LETTER * SINE + FONT); // where each one ends
  const width = Math.ceil(left + Math.max(source.length * CELL, ...leaning) + MARGIN);
  const height = Math.ceil(top + said.length * CELL + MARGIN);
  const above = source.map((word, s) => {
    const [x, y] = [left + (s + 0.5) * CELL, top - 8];
    return `<text x="${fixed(x)}" y="${fixed(y)}" transform="rotate(-${LEAN} ${fixed(x)} ${fixed(y)})">${escaped(word)}</text>`;
  });
  const beside = said.map((word, t) => {
    const y = top + (t + 0.5) * CELL;
    return `<text x="${fixed(left - 10)}" y="${fixed(y)}" text-anchor="end" dominant-baseline="central">${escaped(word)}</text>`;
  });
  const cells = weights.flatMap((row, t) =>
    row.map((weight, s) => {
      const [x, y] = [left + s * CELL, top + t * CELL];
      const hint = escaped(`${said[t]} ← ${source[s]}: ${Math.round(100 * weight)} %`);
      const size = `width="${CELL - 2}" height="${CELL - 2}"`;
      return `<rect x="${fixed(x + 1)}" y="${fixed(y + 1)}" ${size} rx="3" fill="${shade(weight)}"><title>${hint}</title></rect>`;
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>Attention: ${escaped(said.join(" "))} ← ${escaped(source.join(" "))}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<g font-family="system-ui, sans-serif" font-size="${FONT}" fill="#1f2933">`,
    ...above,
    ...beside,
    "</g>",
    `<g stroke="#d5dbe1" stroke-width="1">`,
    ...cells,
    "</g>",
    "</svg>\n",
  ].join("\n");
}

function shade(weight: number): string {
  const channels = INK.map((ink) => Math.round(255 + (ink - 255) * Math.min(1, Math.max(0, weight))));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function fixed(value: number): string {
  return String(Math.round(10 * value) / 10);
}

/** As text of XML; characters that XML cannot hold are left out. */
function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "").replace(/[&<>"]/g, (sign) => names[sign] as string);
}
