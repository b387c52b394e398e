/** The example video: sprites, pictures, clips that look the same, families apart, what is compared, the network, clips of one's own, what is refused. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, loadModel } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { byMajority, byMeanFrame, byNumber, byTiming } from "../../examples/video/baselines.js";
import { ACTIONS, type Clip, clipsOf, distinct, familyOf } from "../../examples/video/clips.js";
import { type Creature, layersIn } from "../../examples/video/creatures.js";
import { FOLDS, loadClips, partsOf } from "../../examples/video/data.js";
import { follow, learn, likeliest, watch } from "../../examples/video/learn.js";
import { Watcher } from "../../examples/video/model.js";
import { readPng, writePng } from "../../examples/video/png.js";
import { boxAround, FRAME, render, SIDE } from "../../examples/video/render.js";
import { frameAt, sampleClips, sheetOf } from "../../examples/video/sample.js";
import { intervalOf } from "../../examples/video/scores.js";
import { readSprites } from "../../examples/video/sprites.js";
import { clipOf, use } from "../../examples/video/use.js";
import { FEATURES, plain, STEPS, varied, view } from "../../examples/video/views.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "video-"));
const inFolder = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPRITES = `image=images/x.png

[stance]
frames=2
duration=200ms
type=looped
frame=0,0,10,20,4,6,2,5
frame=0,7,14,20,4,6,2,5
frame=1,0,18,20,4,6,2,5

[hit]
frames=1
duration=100ms
type=play_once
frame=0,0,1,2,3,4,5,6
`;

/** A grey square of a sheet, which stands where its middle is. */
function piece(light: number, x = 0) {
  const sheet = { width: 16, height: 8, data: new Uint8Array(16 * 8 * 4).fill(light) };
  for (let i = 3; i < sheet.data.length; i += 4) sheet.data[i] = 255;
  return { sheet, place: { x, y: 0, width: 8, height: 8, offsetX: 4, offsetY: 4 } };
}

/** That is as light in each frame of each action as it is said. */
function creature(name: string, lights: Readonly<Record<string, readonly number[]>>): Creature {
  const actions = Object.entries(lights);
  return {
    name,
    animations: actions.map(([action, all]) => ({ action, timing: `${all.length} 100ms looped`, places: all.map(() => []) })),
    pieces: (animation, frame) => [piece(actions[animation]?.[1][frame] as number)],
  };
}

describe("the clips", () => {
  it("an animation's frames are read, by action, frame and direction; a frame that is not eight numbers is refused", () => {
    const { image, animations } = readSprites(SPRITES);
    expect(image).toBe("images/x.png");
    expect(animations.map(({ action, timing }) => [action, timing])).toEqual([
      ["stance", "2 200ms looped"],
      ["hit", "1 100ms play_once"],
    ]);
    expect(animations[0]?.places[0]?.[7]).toEqual({ x: 14, y: 20, width: 4, height: 6, offsetX: 2, offsetY: 5 });
    expect(animations[0]?.places[1]?.[7]).toBeUndefined();
    expect(() => readSprites("[run]\nframe=1,2,3")).toThrow("expected eight numbers");
    expect(layersIn("layer=0,main,feet\nlayer=1,feet,main\n").slice(0, 3)).toEqual([["main", "feet"], ["feet", "main"], []]);
  });

  it("a picture fills its box: its light is the mean of the pixels, clear where nothing is", () => {
    const one = piece(100);
    const box = boxAround([one]);
    expect(box).toEqual({ left: -4, top: -4, side: 8 });
    const frame = render([one], box);
    expect(new Set(frame.subarray(0, FRAME / 2))).toEqual(new Set([100]));
    expect(new Set(frame.subarray(FRAME / 2))).toEqual(new Set([255]));
    const half = render([one], { left: 0, top: -4, side: 8 }); // its right half, in the left one of the picture
    expect([half[0], half[SIDE - 1], half[FRAME / 2], half[FRAME / 2 + SIDE - 1]]).toEqual([100, 0, 255, 0]);
  });

  it("what looks the same is taken once, and not at all where it is two actions; what has one frame, or another action, is odd", () => {
    const own = { stance: [1, 2], run: [3, 4, 5], swing: [6, 7], shoot: [6, 7], hit: [8], spawn: [9, 10] };
    const all = [creature("goblin", own), creature("goblin_runner", { stance: [1, 2], run: [3, 4, 6] })].map(clipsOf);
    expect(all.map(({ odd }) => odd)).toEqual([16, 0]); // hit and spawn, from eight directions
    const { clips, repeated, ambiguous } = distinct(all.flatMap(({ found }) => found));
    expect(new Set(clips.map(({ creature, action }) => `${creature} ${action}`))).toEqual(
      new Set(["goblin stance", "goblin run", "goblin_runner run"]),
    );
    expect(clips).toHaveLength(3); // all directions look the same here
    expect(repeated).toBe(6 * 8 - 16 - 3); // of six actions that are known and move
    expect(ambiguous).toBe(16);
  });

  it("families: people before what their names have in them; one without a family is refused; each is tested once, apart from what is learned", () => {
    expect(["male/peasant", "female/thief", "stealth", "fire_ant", "antlion", "hobgoblin_archer", "wyvern_air"].map(familyOf)).toEqual([
      "human",
      "human",
      "human",
      "ant",
      "ant",
      "goblin",
      "wyvern",
    ]);
    expect(() => familyOf("boulder")).toThrow("of no family");
    const families = FOLDS.flat();
    expect(new Set(families).size).toBe(families.length);
    const clips = sampleClips();
    for (const fold of FOLDS) {
      const { learned, tested } = partsOf(clips, fold);
      expect(learned.length + tested.length).toBe(clips.length);
      const known = new Set(learned.map(({ family }) => family));
      expect(tested.some(({ family }) => known.has(family))).toBe(false);
      const looks = new Set(learned.map(({ frames }) => frames.join()));
      expect(tested.some(({ frames }) => looks.has(frames.join()))).toBe(false);
    }
  });

  it("the sample is what was put into it", () => {
    const clips = loadClips({ quick: true }).clips;
    expect(new Set(clips.map(({ family }) => family))).toEqual(new Set(["ant", "goblin", "skeleton", "zombie"]));
    expect(clips.every(({ frames }) => frames.length > 1 && frames.every((frame) => frame.length === FRAME))).toBe(true);
    const { width, height, data } = readPng(writePng(sheetOf(clips), "grey"), "again");
    clips.forEach(({ frames }, row) => {
      for (const [column, frame] of frames.entries()) {
        const again = frameAt({ width, height, data }, column, row);
        expect(again.every((value, i) => Math.abs(value - (frame[i] as number)) <= 1)).toBe(true);
      }
    });
  });
});

describe("what is compared", () => {
  const clip = (action: string, light: number, timing = "2 a", frames = 2) =>
    ({
      creature: action,
      action,
      timing,
      frames: Array.from({ length: frames }, () => new Uint8Array(FRAME).fill(light)),
    }) as unknown as Clip;
  const learned = [clip("run", 200, "4 a", 4), clip("run", 210, "4 a", 4), clip("hit", 20), clip("run", 205, "2 b")];
  const named = (guess: (clip: Clip) => number, of: Clip) => ACTIONS[guess(of)];

  it("majority, timing, number of frames: what is not known is the most frequent", () => {
    expect(named(byMajority(learned), clip("die", 1))).toBe("run");
    expect(named(byTiming(learned), clip("die", 1))).toBe("hit");
    expect(named(byTiming(learned), clip("die", 1, "9 c"))).toBe("run");
    expect(named(byNumber(learned), clip("die", 1, "9 c", 4))).toBe("run");
  });

  it("the nearest mean frame", () => {
    const shaped = (action: string, at: number) => {
      const frame = new Uint8Array(FRAME);
      frame.fill(255, FRAME / 2 + at, FRAME / 2 + at + 200);
      return { creature: action, action, timing: "", frames: [frame, frame] } as unknown as Clip;
    };
    const guess = byMeanFrame([shaped("run", 200), shaped("die", 700)]);
    expect(named(guess, shaped("hit", 220))).toBe("run");
    expect(named(guess, shaped("hit", 690))).toBe("die");
  });

  it("intervals are over actions of creatures", () => {
    const tested = Array.from({ length: 80 }, (_, i) => ({
      clip: { creature: `c${i % 10}`, action: "run" } as Clip,
      guesses: { network: ACTIONS.indexOf("run"), majority: i % 10 < 5 ? ACTIONS.indexOf("run") : 0 },
      probabilities: [],
    })) as unknown as Parameters<typeof intervalOf>[0];
    const [low, high] = intervalOf(tested, "network", "majority", 1);
    expect(low).toBeGreaterThan(10); // ten witnesses, not eighty
    expect(low).toBeLessThan(30);
    expect(high).toBeLessThanOrEqual(90);
  });
});

describe("the network", () => {
  const clips = sampleClips();

  it("each of a clip's frames is shown as long as the others; a varied look shows all steps in their order", () => {
    expect(plain({ frames: clips.slice(0, 4).map(() => new Uint8Array(FRAME)) }).order).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    const [first] = clips as [Clip];
    expect(view(first, plain(first))).toHaveLength(STEPS * FEATURES);
    const look = varied(first, { uniform: () => 0.5 } as never);
    expect([...look.order].sort((a, b) => a - b)).toEqual([...look.order]);
    expect(view(first, { ...plain(first), isMirrored: true })).not.toEqual(view(first, plain(first)));
  });

  it("learns, watches, follows, and is the same from its file", async () => {
    using rt = await createRuntime({ seed: 1 });
    await loadOperators(rt);
    const few = clips.filter(({ creature }) => creature === "goblin");
    const model = await learn(rt, "in order", few, { epochs: 2, seed: 1 });
    const said = await watch(model, "in order", few, 1);
    for (const each of said) expect(each.reduce((a, b) => a + b)).toBeCloseTo(1);
    const followed = await follow(model, few[0] as Clip);
    expect(followed).toHaveLength(STEPS);
    const again = loadModel(rt, model.save(), { classes: { Watcher } }) as Watcher;
    expect(again.actions).toEqual(ACTIONS);
    expect(await watch(again, "in order", few, 1)).toEqual(said);
    expect(likeliest([0.1, 0.7, 0.2])).toBe(1);
    for (const kind of ["shuffled", "one frame"] as const) expect(await watch(model, kind, few, 1)).not.toEqual(said);
  });
});

it("names of actions that no terminal should show, and numbers too large, are refused", async () => {
  using rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  const watcher = (actions: unknown) =>
    new Watcher(rt, { actions: actions as string[], filters: [1, 1, 1], features: 1, hidden: 1, dropout: 0 });
  const wrong = ["abcdefgh", [1, 2], [null, null], ["run"], ["run", "a".repeat(1e6)], ["run", "\u001b[31m"], ["run", ""]];
  for (const actions of [...wrong, Array.from({ length: 65 }, (_, i) => `a${i}`)])
    expect(() => watcher(actions)).toThrow(/^expected 2 to 64 actions/);
  const model = watcher(["run", "a".repeat(40)]);
  const log = console.log;
  console.log = () => {};
  try {
    await use(model, sampleClips()[0] as Clip); // a long name leaves no room for a bar
    for (const parameter of model.parameters()) parameter.update((values) => values.fill(3e38));
    await expect(use(model, sampleClips()[0] as Clip)).rejects.toThrow(/^the model's numbers are too large/);
  } finally {
    console.log = log;
  }
});

describe("a clip of one's own", () => {
  const row = (frames: number, light = 40) => {
    const [side, width] = [16, 16 * frames];
    const data = new Uint8Array(4 * side * width).fill(255);
    for (let f = 0; f < frames; f++)
      for (let y = 4; y < 12; y++) data.fill(light, 4 * (y * width + f * side + 3 + f), 4 * (y * width + f * side + 9 + f));
    for (let i = 3; i < data.length; i += 4) data[i] = 255;
    return { width, height: side, data };
  };

  it("square frames in a row, or a file for each: the same clip; what has the corner's colour is the background", () => {
    const whole = inFolder("row.png", writePng(row(4)));
    const sheet = row(4);
    const files = [0, 1, 2, 3].map((f) => {
      const data = new Uint8Array(4 * 16 * 16);
      for (let y = 0; y < 16; y++) data.set(sheet.data.subarray(4 * (y * 64 + f * 16), 4 * (y * 64 + (f + 1) * 16)), 4 * y * 16);
      return inFolder(`${f}.png`, writePng({ width: 16, height: 16, data }));
    });
    const [one, other] = [clipOf([whole]), clipOf(files)];
    expect(one.frames).toHaveLength(4);
    expect(other).toEqual(one);
    expect(one.frames.every((frame) => frame.subarray(FRAME / 2).some((cover) => cover === 0))).toBe(true);
    expect(one.frames.every((frame) => frame.subarray(FRAME / 2).some((cover) => cover === 255))).toBe(true);
  });

  const bytes = readFileSync(new URL("../../examples/video/sample/mine.png", import.meta.url));
  const claims = Buffer.from(bytes);
  claims.writeUInt32BE(2 ** 31 - 1, 16);
  const wrong: [string, string, RegExp][] = [
    ["nothing", inFolder("empty.png", ""), /expected a PNG file/],
    ["text", inFolder("text.png", "once upon a time, there was no picture in this file"), /expected a PNG file/],
    ["half", inFolder("half.png", bytes.subarray(0, bytes.length / 2)), /cannot be read/],
    ["a header that lies", inFolder("huge.png", claims), /expected at most 16777216 pixels/],
    [
      "one colour",
      inFolder("plain.png", writePng({ width: 32, height: 16, data: new Uint8Array(4 * 512).fill(255) })),
      /nothing to be seen/,
    ],
    [
      "no squares",
      inFolder("odd.png", writePng({ width: 20, height: 16, data: new Uint8Array(4 * 320).fill(9) })),
      /square frames in a row/,
    ],
    ["no file", join(folder, "nowhere.png"), /there is no such file/],
  ];
  it.each(wrong)("%s: refused in a line", (_, file, message) => {
    expect(() => clipOf([file])).toThrow(message);
  });

  it("long sides, and many pixels in all, are refused", () => {
    const blank = (name: string, width: number, height: number) =>
      inFolder(name, writePng({ width, height, data: new Uint8Array(4 * width * height) }, "grey"));
    expect(() => clipOf([blank("long.png", 4097, 1)])).toThrow(/expected at most 4096 pixels a side, got 4097 × 1$/);
    const large = blank("large.png", 4096, 2049);
    expect(() => clipOf([large, large])).toThrow(/expected at most 16777216 pixels in all files together$/);
  });

  it("frames of two sizes are refused", () => {
    const small = inFolder("small.png", writePng(row(1)));
    expect(() => clipOf([small, inFolder("large.png", writePng(row(2)))])).toThrow(/expected a frame as large as/);
  });
});

describe("the program", () => {
  const program = (...args: string[]) => {
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
    return spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "video", ...args], { encoding: "utf8", env, cwd: folder });
  };
  const mine = fileURLToPath(new URL("../../examples/video/sample/mine.png", import.meta.url));
  it.each([
    [["--use", mine, "--save", "nowhere.safetensors"], /there is no such file/],
    [["--use", mine, "--save", mine], /expected a model|no model/],
    [["--data", "nowhere"], /there is no folder nowhere/],
    [["--data", "."], /expected what the Debian package flare-game unpacks/],
    [["--quick", "--record"], /cannot be used with/],
  ])("%j: one line", (args, message) => {
    const { stderr, status } = program(...args);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(status).toBe(1);
  });
});
