/** Times for people. */

/** "0:07.42" */
export function clock(seconds: number): string {
  const hundredths = Math.round(100 * seconds);
  const [minutes, rest] = [Math.floor(hundredths / 6000), hundredths % 6000];
  return `${minutes}:${(rest / 100).toFixed(2).padStart(5, "0")}`;
}
