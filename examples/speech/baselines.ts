/** What needs no network: the nearest of what the made voices say, and always the same. */
import { CEPSTRA, cepstra, speechOf } from "./cepstra.js";
import type { Sound, Speaker } from "./data.js";
import { connected, nearest, type Template } from "./dtw.js";

/** Of each symbol that begins. (Symbol error rate on 80 strings of the letters that are watched: 96 % with 90, 94.3 with 120, 94.0 with 160, 94.3 with 200.) */
const PENALTY = 160;

export function templatesOf(speakers: readonly Speaker[]): Template[] {
  return speakers.flatMap(({ alone }) =>
    alone.map(({ labels, samples }) => ({ label: labels[0] as number, frames: cepstra(speechOf(samples)) })),
  );
}

/** Of sounds of one symbol. */
export function nearestOf(sounds: readonly Sound[], templates: readonly Template[]): number[][] {
  return sounds.map(({ samples }) => [nearest(cepstra(speechOf(samples)), templates, CEPSTRA).label]);
}

/** Of strings. */
export function connectedOf(sounds: readonly Sound[], templates: readonly Template[]): number[][] {
  return sounds.map(({ samples }) => connected(cepstra(samples), templates, CEPSTRA, PENALTY));
}

/** The symbol that is said most often in training, as often as there are symbols in a string on average. */
export function majorityOf(sounds: readonly Sound[], templates: readonly Template[]): number[][] {
  const counts = new Map<number, number>();
  for (const { label } of templates) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [[label] = [0]] = [...counts].toSorted(([, a], [, b]) => b - a);
  const length = Math.round(sounds.reduce((sum, { labels }) => sum + labels.length, 0) / sounds.length);
  return sounds.map(() => Array.from({ length }, () => label));
}
