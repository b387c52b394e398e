/** What moves in Flare: enemies of one sheet each, and people who wear several, one over another. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Picture, readPng } from "./png.js";
import type { Piece } from "./render.js";
import { type Animation, DIRECTIONS, readSprites } from "./sprites.js";

const ROOT = "usr/share/games/flare/mods";
const MODS = ["fantasycore", "empyrean_campaign"];

export interface Creature {
  readonly name: string;
  readonly animations: readonly Animation[];
  /** What is seen, the first piece at the bottom: none where a frame has a hole. */
  pieces(animation: number, frame: number, direction: number): Piece[];
}

/** What people wear. */
type Slot = "feet" | "legs" | "hands" | "chest" | "head" | "main" | "off";
type Outfit = Readonly<Partial<Record<Slot, string>>>;

/** From bare to heavily armed, so that the family has as many bodies as others. */
const OUTFITS: Readonly<Record<string, Outfit>> = {
  "male/peasant": { feet: "default_feet", legs: "default_legs", hands: "default_hands", chest: "default_chest", head: "head_short", main: "club" },
  "male/knight": { feet: "plate_boots", legs: "plate_greaves", hands: "plate_gauntlets", chest: "plate_cuirass", head: "plate_helm", main: "longsword", off: "shield" },
  "male/archer": { feet: "leather_boots", legs: "leather_pants", hands: "leather_gloves", chest: "leather_chest", head: "leather_hood", off: "longbow" },
  "female/mage": { feet: "mage_boots", legs: "mage_skirt", hands: "mage_sleeves", chest: "mage_vest", head: "mage_hood", main: "staff" },
  "female/thief": { feet: "cloth_sandals", legs: "cloth_pants", hands: "cloth_gloves", chest: "cloth_shirt", head: "head_long", main: "dagger" },
  "female/soldier": { feet: "chain_boots", legs: "chain_greaves", hands: "chain_gloves", chest: "chain_cuirass", head: "chain_coif", main: "battle_axe", off: "buckler" },
}; // biome-ignore format: a table

/** @param folder that holds what the package would put under `/` @returns and how many files only dye another creature or add to it */
export function creaturesIn(folder: string): { creatures: Creature[]; dyed: number } {
  const mods = MODS.map((mod) => join(folder, ROOT, mod));
  const files = mods.flatMap((mod) => {
    const animations = join(mod, "animations/enemies");
    return readdirSync(animations).sort().map((name) => ({ mod, file: join(animations, name) })); // biome-ignore format: one thought
  });
  const enemies = files.flatMap(({ mod, file }) => {
    const layer = layerOf(mod, file);
    return layer ? [{ name: basename(file, ".txt"), layer }] : [];
  });
  const [core = ""] = mods;
  const order = layersIn(readFileSync(join(core, "engine/hero_layers.txt"), "utf8"));
  return {
    dyed: files.length - enemies.length,
    creatures: [
      ...enemies.map(({ name, layer }) => creature(name, [layer], () => [layer])),
      ...Object.entries(OUTFITS).map(([name, outfit]) => dressed(core, name, outfit, order)),
    ],
  };
}

interface Layer {
  readonly sheet: Picture;
  readonly animations: readonly Animation[];
}

function layerOf(mod: string, file: string): Layer | undefined {
  const { image, animations } = readSprites(readFileSync(file, "utf8"));
  if (image === undefined) return undefined;
  const sheet = join(mod, image);
  return { sheet: readPng(readFileSync(sheet), sheet), animations };
}

/** @param order of all layers, by direction */
function creature(name: string, layers: readonly [Layer, ...Layer[]], order: (direction: number) => readonly Layer[]): Creature {
  const { animations } = layers[0];
  return {
    ...{ name, animations },
    pieces(animation, frame, direction) {
      const { action } = animations[animation] as Animation;
      return order(direction).flatMap(({ sheet, animations }) => {
        const place = animations.find((each) => each.action === action)?.places[frame]?.[direction];
        return place ? [{ sheet, place }] : [];
      });
    },
  };
}

function dressed(mod: string, name: string, outfit: Outfit, order: readonly (readonly Slot[])[]): Creature {
  const [sex = ""] = name.split("/");
  const layers = new Map(
    Object.entries(outfit).map(([slot, worn]) => [slot as Slot, layerOf(mod, join(mod, "animations/avatar", sex, `${worn}.txt`)) as Layer]),
  );
  const ofDirection = order.map((slots) => slots.flatMap((slot) => layers.get(slot) ?? []));
  return creature(name, [...layers.values()] as [Layer, ...Layer[]], (direction) => ofDirection[direction] ?? []);
}

/** Of lines such as "layer=0,main,feet,…": what is drawn first, by direction. */
export function layersIn(text: string): Slot[][] {
  const lines = [...text.matchAll(/^layer=(\d+),(.*?)\r?$/gm)];
  return Array.from({ length: DIRECTIONS }, (_, direction) => {
    const own = lines.find(([, number]) => Number(number) === direction)?.[2];
    return (own?.split(",") ?? []) as Slot[];
  });
}
