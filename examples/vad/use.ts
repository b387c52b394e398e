/** A detector at work on a file, and on what comes from a microphone. */
import pc from "picocolors";
import { samplesFrom } from "../shared/pcm.js";
import { printable, width } from "../shared/text.js";
import { Resampler } from "../speech/resample.js";
import { clock } from "./clock.js";
import { CHUNK, type Detector, RATE } from "./detector.js";
import { blockOf } from "./draw.js";
import { type Heard, Listener } from "./listen.js";
import type { Segment } from "./segments.js";
import { readWave } from "./sound.js";

/** Chunks in a character of what is drawn live: an eighth of a second. */
const LIVE = 4;

/** The line of a whole file, and the stretches of speech. */
export function find(detector: Detector, file: string): void {
  const samples = readWave(file);
  const listener = new Listener(detector);
  const heard = [...listener.push(samples), ...listener.end()];
  const segments = heard.flatMap(({ segment }) => segment ?? []);
  const seconds = samples.length / RATE;
  console.log(pc.dim(`  ${printable(file)}, ${seconds.toFixed(1)} s`));
  console.log(`  ${lineOf(heard, segments)}`);
  console.log(pc.dim(`  ${clock(0)}${clock(seconds).padStart(columnsOf(heard) - clock(0).length)}`));
  if (segments.length === 0) console.log("  nobody speaks");
  for (const segment of segments) console.log(told(segment));
}

function told({ start, end }: Segment): string {
  return `  ${pc.bold(`${clock(start)} – ${clock(end)}`)}  ${pc.dim(`${(end - start).toFixed(2)} s`)}`;
}

const columnsOf = (heard: readonly Heard[]) => Math.max(20, Math.min(width() - 4, heard.length));

function lineOf(heard: readonly Heard[], segments: readonly Segment[]): string {
  const columns = columnsOf(heard);
  return Array.from({ length: columns }, (_, column) => {
    const [from, to] = [column, column + 1].map((at) => Math.floor((at * heard.length) / columns)) as [number, number];
    const middle = ((from + to) / 2) * (CHUNK / RATE);
    const isSpeech = segments.some(({ start, end }) => start <= middle && middle <= end);
    return blockOf(
      heard.slice(from, Math.max(to, from + 1)).map(({ probability }) => probability),
      isSpeech,
    );
  }).join("");
}

/** @param input 16-bit little-endian PCM, mono, in pieces that may end within a sample @throws {UserError} when no sample comes */
export async function findLive(detector: Detector, input: AsyncIterable<Uint8Array>, rate: number): Promise<void> {
  const listener = new Listener(detector);
  const resampler = rate === RATE ? undefined : new Resampler(rate, RATE);
  const line: number[] = [];
  let drawn = 0;
  const show = (heard: Iterable<Heard>) => {
    for (const { probability, isSpeech, segment } of heard) {
      line.push(probability);
      if (segment) {
        process.stdout.write(`${drawn > 0 ? "\n" : ""}${told(segment)}\n`);
        drawn = 0;
      }
      if (line.length < LIVE) continue;
      process.stdout.write(blockOf(line.splice(0), isSpeech));
      if (++drawn % (width() - 2) === 0) process.stdout.write("\n");
    }
  };
  for await (const samples of samplesFrom(input)) show(listener.push(resampler ? resampler.push(samples) : samples));
  if (resampler) show(listener.push(resampler.end()));
  show(listener.end());
  if (drawn > 0) process.stdout.write("\n");
}
