/** Writes the sample anew: `node --import @oxc-node/core/register examples/video/sample/make.ts`, where the Debian package is in the cache. */
import { writeFileSync } from "node:fs";
import type { Clip } from "../clips.js";
import { loadClips } from "../data.js";
import { writePng } from "../png.js";
import { sheetOf } from "../sample.js";

const CREATURES = ["antlion_small", "goblin", "skeleton_weak", "zombie"];
const ACTIONS = ["run", "hit", "die"];
const DIRECTIONS = [1, 5];
/** Of one's own, as it were: a row of frames. */
const MINE = { creature: "skeleton", action: "swing", direction: 3 };
/** Levels of grey and of cover: what is kept small by. */
const STEP = 17;

const all = loadClips({ quick: false }).clips;
const clips = all.filter(
  ({ creature, action, direction }) => CREATURES.includes(creature) && ACTIONS.includes(action) && DIRECTIONS.includes(direction),
);
const mine = all.filter(
  ({ creature, action, direction }) => creature === MINE.creature && action === MINE.action && direction === MINE.direction,
);

function pngOf(shown: readonly Clip[]): Uint8Array {
  const sheet = sheetOf(shown);
  return writePng({ ...sheet, data: sheet.data.map((value) => STEP * Math.round(value / STEP)) }, "grey");
}

const put = (name: string, bytes: Uint8Array | string) => writeFileSync(new URL(name, import.meta.url), bytes);
put("clips.png", pngOf(clips));
put("mine.png", pngOf(mine));
const rows = clips.map(({ frames, ...rest }) => JSON.stringify({ ...rest, frames: frames.length }));
put("clips.json", `[\n  ${rows.join(",\n  ")}\n]\n`);
