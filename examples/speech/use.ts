/** A saved model at work: on a file, and on what comes from a microphone. */
import pc from "picocolors";
import { samplesFrom } from "../shared/pcm.js";
import { UserError } from "../shared/program.js";
import { printable, width, wrap } from "../shared/text.js";
import { WINDOW } from "./features.js";
import { type Heard, Listener, listen, type Recogniser } from "./listen.js";
import { RATE } from "./rate.js";
import { readWave } from "./wave.js";

/** Silence that ends a line of what is heard live, seconds. */
const PAUSE = 1;

/** Of a file to transcribe. @throws {UserError} when it is no WAV file, or holds nothing to hear */
export function soundIn(file: string): Float32Array {
  const samples = readWave(file);
  if (samples.length === 0) throw new UserError(`${file} holds no sound`);
  const milliseconds = (samples: number) => ((1000 * samples) / RATE).toFixed(1);
  if (samples.length < WINDOW)
    throw new UserError(`${file} is too short: ${milliseconds(samples.length)} ms, of at least ${milliseconds(WINDOW)}`);
  return samples;
}

/** What is said in a WAV file, and when. @throws {UserError} when it is none, or holds nothing */
export function transcribe(recogniser: Recogniser, file: string): void {
  const samples = soundIn(file);
  const heard = listen(recogniser, samples);
  console.log(pc.dim(`  ${printable(file)}, ${(samples.length / RATE).toFixed(1)} s`));
  const text = printable(heard.map(({ symbol }) => symbol).join(separatorOf(recogniser)));
  console.log(text.trim() === "" ? "  nothing was recognised" : pc.bold(wrapped(text)));
  console.log(
    pc.dim(wrapped(heard.map(({ symbol, seconds }) => `${printable(symbol).trim() || "␣"}\u00a0${seconds.toFixed(2)}`).join(" "))),
  );
}

/** Letters that make words are written together: their model knows the space. */
function separatorOf({ symbols }: Recogniser): string {
  return symbols.includes(" ") ? "" : " ";
}

function wrapped(text: string): string {
  return wrap(text, width() - 2)
    .map((line) => `  ${line}`)
    .join("\n");
}

/**
 * Symbols one after another as they are recognised, and a new line after a pause.
 *
 * @param input 16-bit little-endian PCM, mono, in pieces that may end within a sample
 * @param write to stdout, if nothing else
 * @throws {UserError} when no sample comes
 */
export async function transcribeLive(
  recogniser: Recogniser,
  input: AsyncIterable<Uint8Array>,
  rate: number,
  write: (text: string) => void = (text) => process.stdout.write(text),
): Promise<void> {
  const listener = new Listener(recogniser, rate);
  const separator = separatorOf(recogniser);
  let last: number | undefined;
  const breakAt = (seconds: number) => {
    if (last === undefined || seconds - last < PAUSE) return;
    write("\n");
    last = undefined;
  };
  const show = (heard: readonly Heard[]) => {
    for (const { symbol, seconds } of heard) {
      breakAt(seconds);
      write(printable(last === undefined ? symbol : `${separator}${symbol}`));
      last = seconds;
    }
    breakAt(listener.seconds);
  };
  for await (const samples of samplesFrom(input)) show(listener.push(samples));
  show(listener.end());
  if (last !== undefined) write("\n");
}
