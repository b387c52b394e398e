/** The probability as a line of blocks, a character for each stretch of time. */
import pc from "picocolors";

const BLOCKS = " ▁▂▃▄▅▆▇█";

/** @param probabilities of a stretch @returns a character: its highest, coloured where it is speech */
export function blockOf(probabilities: readonly number[], isSpeech: boolean): string {
  const most = probabilities.reduce((a, b) => Math.max(a, b), 0);
  const block = BLOCKS[Math.min(BLOCKS.length - 1, Math.round(most * (BLOCKS.length - 1)))] as string;
  return isSpeech ? pc.green(block) : pc.dim(block === " " ? "·" : block);
}
