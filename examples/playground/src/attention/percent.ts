/** Weights in words. */

export function percent(weight: number): string {
  return `${Math.round(100 * weight)} %`;
}

/** A word counts when it has at least this share. */
const WORTH_SAYING = 0.05;

/** "dialog 93 %, the 5 %": the greatest first, three at most. */
export function lookedAt(source: readonly string[], weights: readonly number[]): string {
  return source
    .map((word, i) => ({ word, weight: weights[i] as number }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 3)
    .filter(({ weight }, i) => i === 0 || weight >= WORTH_SAYING)
    .map(({ word, weight }) => `${word} ${percent(weight)}`)
    .join(", ");
}
