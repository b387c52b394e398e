/** Errors in plain words. */

/** What went wrong, for people: of our own errors the message, of others the first line. */
export function said(problem: unknown): string {
  const message = problem instanceof Error ? problem.message : String(problem);
  return (message.split("\n")[0] ?? "").slice(0, 300);
}
