/** Who speaks, and when: Silero's published voice detector, run from its own .onnx file. README.md says more. */
import pc from "picocolors";
import { createRuntime, type Runtime } from "wasm-rnn";
import { run } from "../shared/program.js";
import { CHUNK, Detector, RATE } from "./detector.js";
import { Listener } from "./listen.js";
import { MODELS, modelBytes } from "./models.js";
import { type Options, parseOptions } from "./options.js";
import { prompts } from "./sound.js";
import { find, findLive } from "./use.js";

/** Seconds of real speech that are listened to. */
const [ALL, QUICK] = [600, 10];
/** Chunks before the time is taken. */
const WARM = 300;

async function measure(rt: Runtime, { model, data, quick }: Options): Promise<void> {
  const bytes = modelBytes(model);
  const samples = prompts(quick ? QUICK : ALL, data);
  const began = performance.now();
  const detector = await Detector.of(rt, bytes, MODELS[model].kind);
  detector.probability(samples.slice(0, CHUNK));
  const first = performance.now() - began;
  detector.reset();
  const listener = new Listener(detector);
  for (let at = 0; at < WARM; at++) detector.probability(samples.subarray(at, at + CHUNK));
  detector.reset();
  const start = performance.now();
  const heard = [...listener.push(samples), ...listener.end()];
  const microseconds = (1000 * (performance.now() - start)) / heard.length;
  const spoken = heard.reduce((sum, { segment }) => sum + (segment ? segment.end - segment.start : 0), 0);
  const seconds = samples.length / RATE;
  const row = (name: string, value: string) => console.log(`  ${name.padEnd(34)} ${pc.bold(value)}`);
  row("recordings of one person", `${seconds.toFixed(0)} s, ${heard.length} chunks of 32 ms`);
  row("speech in them", `${spoken.toFixed(0)} s in ${heard.filter(({ segment }) => segment).length} stretches`);
  row("a chunk", `${microseconds.toFixed(1)} µs, ${Math.round((1e6 * CHUNK) / RATE / microseconds)} times real time`);
  row("from bytes to the first result", `${first.toFixed(1)} ms`);
  row("build", `${rt.build}, Node ${process.version}`);
  detector.dispose();
}

await run(async () => {
  const options = parseOptions();
  using rt = await createRuntime();
  if (options.use === undefined && !options.live) {
    await measure(rt, options);
    console.log(`\n  on a file of yours:\n  ${pc.cyan("npm run example vad -- --use mine.wav")}`);
    return 0;
  }
  const detector = await Detector.of(rt, modelBytes(options.model), MODELS[options.model].kind);
  if (options.use !== undefined) find(detector, options.use);
  else await findLive(detector, process.stdin, options.rate);
  detector.dispose();
  return 0;
});
