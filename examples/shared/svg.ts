/** Small pictures of what the examples do: strings of SVG in one style, readable on white and on dark pages. */
import { writeWhole } from "./saving.js";

export const PALETTE = {
  text: "#1b1f24",
  dim: "#57606a",
  line: "#d0d7de",
  ground: "#f6f8fa",
  first: "#0b7285",
  second: "#d9480f",
} as const;
export const [WIDTH, HEIGHT] = [640, 360];

interface TextOptions {
  readonly size?: number;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  readonly mono?: boolean;
}

/** As text of XML; characters that XML cannot hold are left out. */
export function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "").replace(/[&<>"]/g, (sign) => names[sign] as string);
}

export function text(
  x: number,
  y: number,
  words: string,
  { size = 14, fill = PALETTE.text, anchor = "start", bold, mono }: TextOptions = {},
): string {
  const style = `${bold ? ' font-weight="600"' : ""}${mono ? ' font-family="ui-monospace, Menlo, Consolas, monospace"' : ""}`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${style} xml:space="preserve">${escaped(words)}</text>`;
}

export function rectangle(x: number, y: number, width: number, height: number, fill: string, opacity = 1): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${opacity === 1 ? "" : ` opacity="${opacity}"`}/>`;
}

/** A line through points. */
export function path(points: readonly (readonly [number, number])[], stroke: string, { width = 2, dash = "" } = {}): string {
  const at = points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
  return `<polyline points="${at}" fill="none" stroke="${stroke}" stroke-width="${width}"${dash && ` stroke-dasharray="${dash}"`} stroke-linejoin="round"/>`;
}

/** The whole picture: title, a line under it that says what is seen, and the rest. */
export function framed(title: string, caption: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" role="img">`,
    `<title>${escaped(title)}: ${escaped(caption)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="12" fill="${PALETTE.ground}"/>`,
    text(24, 36, title, { size: 18, bold: true }),
    text(24, 58, caption, { size: 13, fill: PALETTE.dim }),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

const round = (value: number) => Math.round(10 * value) / 10;

/** A letter of the fonts of one width is about so wide, of its size. */
export const MONO = 0.602;

/** How many of its letters have room. */
export function columnsOf(width: number, size: number): number {
  return Math.floor(width / (MONO * size));
}

/** Lines that have room for whole words. */
export function flowed(words: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Keeps a picture; folders are made. */
export function keepPicture(file: string, picture: string): void {
  writeWhole(file, Buffer.from(picture));
}
