/** Flare's animations: which pieces of a sheet are an action's frames, seen from eight directions. */

export const DIRECTIONS = 8;

/** A piece of the sheet, and where in it the creature stands. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

export interface Animation {
  readonly action: string;
  /** Number of frames, duration and type, as they are written. */
  readonly timing: string;
  /** By frame and direction; some have holes. */
  readonly places: readonly (readonly (Place | undefined)[])[];
}

export interface Sprites {
  /** The sheet; a file without one dyes another creature, or adds to it. */
  readonly image: string | undefined;
  readonly animations: readonly Animation[];
}

const FIELDS = 8;

/** @throws {RangeError} on a frame that is not eight numbers */
export function readSprites(text: string): Sprites {
  let image: string | undefined;
  const animations: { action: string; settings: Map<string, string>; places: (Place | undefined)[][] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, action] = /^\[(\w+)\]/.exec(line) ?? [];
    const [, key = "", value = ""] = /^(\w+)=(.*)/.exec(line) ?? [];
    const current = animations.at(-1);
    if (action !== undefined) animations.push({ action, settings: new Map(), places: [] });
    else if (key === "image") image = value;
    else if (key === "frame") addFrame(current?.places ?? [], value);
    else if (key !== "") current?.settings.set(key, value);
  }
  return {
    image,
    animations: animations.map(({ action, settings, places }) => ({
      ...{ action, places },
      timing: ["frames", "duration", "type"].map((name) => settings.get(name)).join(" "),
    })),
  };
}

function addFrame(places: (Place | undefined)[][], value: string): void {
  const numbers = value.split(",").map(Number);
  if (numbers.length !== FIELDS || !numbers.every(Number.isInteger)) throw new RangeError(`expected eight numbers, got frame=${value}`);
  const [index, direction, x, y, width, height, offsetX, offsetY] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const frame = places[index] ?? [];
  frame[direction] = { x, y, width, height, offsetX, offsetY };
  places[index] = frame;
}
