/** Doors that ask for nothing: methods without arguments, called with some and after the end; and what has to have a door. */
import * as cells from "../../bindings/cells.js";
import * as api from "../../bindings/index.js";
import * as notebook from "../../bindings/notebook.js";
import * as sequence from "../../bindings/sequence.js";
import { makeCRF, makeCRFLoss } from "./misuse-doors-crf.js";
import { LAYER_NAMES, makeLayer } from "./misuse-doors-layers.js";
import { LOSS_NAMES, makeLoss } from "./misuse-doors-losses.js";
import { modelOf } from "./misuse-doors-models.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

/** Without arguments. */
const QUIET: Record<string, readonly string[]> = {
  layer: ["parameters", "namedParameters", "stateDict", "train", "eval", "freeze", "unfreeze", "zeroGrad", "config", "dispose"],
  loss: ["dispose"],
  model: [
    "parameters",
    "namedParameters",
    "stateDict",
    "namedLayers",
    "namedBuffers",
    "train",
    "eval",
    "freeze",
    "unfreeze",
    "zeroGrad",
    "summary",
    "config",
    "dispose",
  ],
  generator: ["uniform", "bits", "normal"],
};

function quiet(name: string, methods: readonly string[], make: (w: World) => Loose): Door[] {
  return methods.map((method) => ({
    name: `${name}.${method}`,
    open: (w) => {
      const self = w.own(make(w));
      return { args: [1], call: (...args: unknown[]) => self[method](...args), self };
    },
    lenient: ["0"],
  }));
}

export const quietDoors: readonly Door[] = [
  ...LAYER_NAMES.flatMap((name) => quiet(name, QUIET.layer as string[], (w) => makeLayer(name, w.rt))),
  ...LOSS_NAMES.flatMap((name) => quiet(name, QUIET.loss as string[], (w) => makeLoss(name, w.rt))),
  ...quiet("Sequential", QUIET.model as string[], modelOf),
  ...quiet("Frame", ["dispose"], (w) => new api.Frame(w.rt)),
  ...quiet("ParameterTensor", QUIET.layer as string[], (w) => new api.ParameterTensor(w.rt, [2])),
  ...quiet("CRF", QUIET.layer as string[], makeCRF),
  ...quiet("CRFLoss", QUIET.loss as string[], makeCRFLoss),
  ...quiet("CTCLoss", QUIET.loss as string[], (w) => new sequence.CTCLoss(w.rt)),
  ...quiet("Generator", QUIET.generator as string[], () => new api.Generator(1)),
];

/** The package's own: marked @internal, or protected. */
const INTERNAL = new Set([
  ...[
    "plan",
    "fitted",
    "planned",
    "back",
    "note",
    "addNode",
    "saved",
    "refilling",
    "restart",
    "namedParts",
    "describe",
    "bytes",
    "address",
    "shaped",
    "forwardTape",
    "refuseOwn",
    "kept",
    "record",
    "recordingOf",
  ],
  ...["filling", "result", "checkTokens", "pool", "unpool", "recorded", "restore", "assertAlive", "layout", "checkForward"],
  ...[
    "measure",
    "comparison",
    "reduced",
    "run",
    "update",
    "check",
    "kernels",
    "moment",
    "move",
    "rate",
    "momentum",
    "settings",
    "begin",
    "release",
    "await",
    "scores",
    "forbids",
    "forbidden",
    "watch",
    "counts",
    "adopt",
    "queriesOf",
    "keysOf",
    "valuesOf",
    "outputOf",
    "cell",
    "stepForward",
    "isOfAnother",
    "stepBack",
  ],
]);

/** Whose doors stand for whose: the base's for its heirs', an heir's for its abstract base. The notebook's end is the sweep's own. */
const SAME: Record<string, readonly string[]> = {
  Model: ["Sequential"],
  Attention: ["Sequential"],
  MultiHeadAttention: ["Attention", "Sequential"],
  RecurrentEncoder: ["Sequential"],
  Seq2Seq: ["Sequential"],
  LSTMP: ["LSTM"],
  MinGRU: ["GRU"],
  MinLSTM: ["GRU"],
  ScanLayer: ["ZoneoutLSTM"],
};
const EXEMPT = new Set([
  "loadOperators", // ops.loadOperators
  "ScanLayer", // abstract
  "Notebook",
  "Notebook.dispose",
  "SGD.dispose",
  "Adam.dispose",
  "AdamW.dispose",
  "Adagrad.dispose",
  "RMSprop.dispose",
]);

/** Exports and public members that no door is named after. */
export function without(doors: readonly Door[]): string[] {
  const named = new Set(doors.map(({ name }) => name.replace(/^(cells\.|new )/, "")));
  const isMissing = (name: string) => !named.has(name) && !EXEMPT.has(name);
  return Object.entries({ ...api, ...notebook, ...sequence, ...cells }).flatMap(([name, value]): string[] => {
    if (typeof value === "object")
      return Object.keys(value)
        .map((inner) => `${name}.${inner}`)
        .filter(isMissing);
    const members = membersOf(value as { prototype?: object }).filter((member) =>
      [name, ...(SAME[name] ?? [])].every((owner) => isMissing(`${owner}.${member}`)),
    );
    return [...[name].filter(isMissing), ...members.map((member) => `${name}.${member}`)];
  });
}

/** Methods and setters of a class, its bases' among them. */
function membersOf(type: { prototype?: object }): string[] {
  const members = new Set<string>();
  for (let at = type.prototype; at && at !== Object.prototype && at !== Error.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value, set }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== "constructor" && (typeof value === "function" || set) && !INTERNAL.has(name)) members.add(name);
    }
  }
  return [...members];
}
