/** Made speech: the programs run from where their packages were unpacked, and what they say is kept. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianCache, debianFolders } from "../shared/debian.js";
import { UserError } from "../shared/program.js";
import { writeWhole } from "../shared/saving.js";
import { pack, trimmed, unpack } from "./packed.js";
import { RATE } from "./rate.js";
import type { Voice } from "./voices.js";
import { parseWave } from "./wave.js";

const PACKAGES: Readonly<Record<Voice["program"], readonly string[]>> = {
  "espeak-ng": ["espeak-ng", "espeak-ng-data", "libespeak-ng1", "libpcaudio0", "libsonic0"],
  flite: ["flite", "libflite1"],
  festival: ["festival", "libestools2.5", "festlex-cmu", "festlex-poslex", "festvox-kallpc16k", "festvox-kdlpc16k", "festvox-us-slt-hts"],
};
/** Of what is kept: another number, and all is said anew. */
const EDITION = 1;
/** Between two texts that espeak-ng says in one breath: it makes half a second of it, more than it ever pauses inside of one. */
const BREAK = '<break time="800ms"/>';
const LEAST_GAP = 0.35 * RATE;
/** Samples of espeak-ng's silence are 0 or 1 of 2¹⁵; the resampler's ripples around speech are a little more. */
const SILENT = 4 / 2 ** 15;

/** Where a program's packages lie, and its shared libraries. */
interface Place {
  readonly folders: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Each text by that voice, mono at 8 kHz, without the silence around it.
 *
 * @param data where the packages lie unpacked, instead of the cache
 * @throws {UserError} when a package cannot be had, or a program does not run
 */
export function speak(voice: Voice, texts: readonly string[], data?: string): Float32Array[] {
  const key = createHash("sha256")
    .update(JSON.stringify([EDITION, voice, texts]))
    .digest("hex")
    .slice(0, 24);
  const file = join(debianCache(), "..", "speech", `${key}.pcm`);
  const known = existsSync(file) ? unpack(readFileSync(file)) : undefined;
  if (known?.length === texts.length) return known; // else it was damaged, and is made anew
  const scratch = mkdtempSync(join(tmpdir(), "speech-"));
  try {
    const said = PROGRAMS[voice.program](voice, texts, placeOf(voice.program, data), scratch).map(trimmed);
    const silent = said.findIndex(({ length }) => length === 0);
    if (silent >= 0) throw new UserError(`${voice.program}, ${voice.name}, says nothing for "${texts[silent]}"`);
    const bytes = pack(said);
    writeWhole(file, bytes);
    return unpack(bytes) as Float32Array[]; // as it will be read
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const PROGRAMS = { "espeak-ng": espeak, flite, festival };

function espeak(voice: Voice, texts: readonly string[], place: Place, scratch: string): Float32Array[] {
  const all = pieces(espeakOnce(voice, texts, place, scratch));
  return all.length === texts.length ? all : texts.map((text) => espeakOnce(voice, [text], place, scratch)); // a noisy silence
}

function espeakOnce({ id, tempo, pitch = 50 }: Voice, texts: readonly string[], { folders, env }: Place, scratch: string): Float32Array {
  const [program = "", data = ""] = folders;
  const [source, target] = [join(scratch, "text.ssml"), join(scratch, "said.wav")];
  writeFileSync(source, `<speak>${texts.map((text) => `<s>${text}</s>`).join(BREAK)}</speak>`);
  const library = join(data, "usr/lib", arch(data, "espeak-ng-data"));
  const settings = ["-m", "-v", id, "-s", `${tempo}`, "-p", `${pitch}`, "-f", source, "-w", target];
  execute(join(program, "usr/bin/espeak-ng"), [`--path=${library}`, ...settings], env);
  return parseWave(readFileSync(target), target);
}

/** What lies between long silences. */
function pieces(samples: Float32Array): Float32Array[] {
  const out: Float32Array[] = [];
  let [begin, end] = [-1, -1]; // of the piece at hand: its first sample, and behind its last
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i] as number) <= SILENT) continue;
    if (begin >= 0 && i - end > LEAST_GAP) out.push(samples.slice(begin, end));
    if (begin < 0 || i - end > LEAST_GAP) begin = i;
    end = i + 1;
  }
  if (begin >= 0) out.push(samples.slice(begin, end));
  return out;
}

function flite({ id, tempo, pitch }: Voice, texts: readonly string[], { folders, env }: Place, scratch: string): Float32Array[] {
  const target = join(scratch, "said.wav");
  const settings = ["-voice", id, "--setf", `duration_stretch=${tempo}`];
  if (pitch !== undefined) settings.push("--setf", `int_f0_target_mean=${pitch}`);
  return texts.map((text) => {
    execute(join(folders[0] as string, "usr/bin/flite"), [...settings, "-t", text, "-o", target], env);
    return parseWave(readFileSync(target), target);
  });
}

function festival({ id, tempo, pitch }: Voice, texts: readonly string[], { folders, env }: Place, scratch: string): Float32Array[] {
  const script = join(scratch, "say.scm");
  const file = (i: number) => join(scratch, `${i}.wav`);
  const lines = [
    `(${id})`,
    `(Parameter.set 'Duration_Stretch ${tempo})`,
    ...(pitch === undefined
      ? []
      : [`(set! int_lr_params '((target_f0_mean ${pitch}) (target_f0_std 12) (model_f0_mean 170) (model_f0_std 34)))`]),
    ...texts.map((text, i) => `(utt.save.wave (utt.synth (Utterance Text ${JSON.stringify(text)})) "${file(i)}" 'riff)`),
  ];
  writeFileSync(script, lines.join("\n"));
  const tree = oneTree(folders);
  execute(join(folders[0] as string, "usr/bin/festival"), ["--datadir", tree, "--libdir", tree, "--batch", script], env);
  return texts.map((_, i) => parseWave(readFileSync(file(i)), file(i)));
}

/** festival looks for its dictionaries and voices in one folder. */
function oneTree(folders: readonly string[]): string {
  if (new Set(folders).size === 1) return join(folders[0] as string, "usr/share/festival");
  const tree = join(debianCache(), "..", "speech", "festival");
  if (existsSync(tree)) return tree;
  const scratch = mkdtempSync(`${tree}-`);
  for (const folder of folders) {
    const part = join(folder, "usr/share/festival");
    if (existsSync(part)) cpSync(part, scratch, { recursive: true });
  }
  if (!existsSync(tree)) renameSync(scratch, tree); // else another run was faster
  return tree;
}

function placeOf(program: Voice["program"], data: string | undefined): Place {
  const folders = debianFolders(PACKAGES[program], data);
  const libraries = folders.flatMap((folder) => {
    const usr = join(folder, "usr/lib");
    return existsSync(usr) ? readdirSync(usr).map((name) => join(usr, name)) : [];
  });
  const env = { ...process.env, LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH ?? ""].join(":") };
  return { folders, env };
}

/** The folder of usr/lib in which the machine's kind of program has its files. */
function arch(folder: string, name: string): string {
  const usr = join(folder, "usr/lib");
  return readdirSync(usr).find((each) => existsSync(join(usr, each, name))) ?? "";
}

/** @throws {UserError} with the last line that it says when it fails */
function execute(program: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, error, stderr } = spawnSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (status === 0) return;
  throw new UserError(`${program} cannot speak: ${error?.message ?? stderr.trim().split("\n").at(-1)}`);
}
