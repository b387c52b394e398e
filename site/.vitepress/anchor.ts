/**
 * The anchor of a heading as GitHub makes it, so that a link between documents leads to the same place in the repository and in the site:
 * "wasm-rnn/worker" is wasm-rnnworker.
 *
 * @param heading its text, without marks of Markdown
 */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/ /g, "-");
}
