/** Numbers as people read them. */

export const number = new Intl.NumberFormat("en");

/** A time that is a guess. */
export function lasts(seconds: number): string {
  if (seconds < 10) return "a few seconds";
  if (seconds < 90) return `${Math.ceil(seconds / 10) * 10} s`;
  return `${Math.ceil(seconds / 60)} min`;
}
