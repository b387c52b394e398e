/** Doors: the CRF, its loss, and constraints of spans. */
import { bioConstraints, CRF, CRFLoss } from "../../bindings/sequence.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const LABELS = ["O", "B-X", "I-X"];
const OPTIONS = {
  numTags: 3,
  constraints: { forbiddenStarts: [2], forbiddenTransitions: [[0, 2]], forbiddenEnds: [] },
  dtype: "f32",
} as const;
const SHAPE = [3, 2, 3];
const LENGTHS = [3, 2];

export const makeCRF = (w: World): CRF => w.own(new CRF(w.rt, OPTIONS));
export const makeCRFLoss = (w: World): CRFLoss => w.own(new CRFLoss(makeCRF(w)));

const grads = (crf: CRF) => () => crf.parameters().map(({ grad }) => [...grad]);

/** A method of a CRF, which has taken its memory. */
function method(
  name: "forward" | "decode" | "marginals",
  options: readonly object[],
  faults?: (result: Loose) => string | undefined,
): Door {
  return {
    name: `CRF.${name}`,
    open(w) {
      const self: Loose = makeCRF(w);
      for (let i = 0; i < 2; i++) self[name](w.tensor(SHAPE), ...options);
      return { args: [w.tensor(SHAPE), ...options], call: (...args) => self[name](...args), self, ...(faults && { faults }) };
    },
    lazy: true,
  };
}

const whole = (found: Loose) =>
  found.every(({ tags, score }: Loose) => tags.length > 0 && typeof score === "number" && tags.every((tag: number) => tag >= 0 && tag < 3))
    ? undefined
    : "no tags";

export const crfDoors: readonly Door[] = [
  { name: "CRF", open: (w) => ({ args: [w.rt, OPTIONS], call: (...args: Loose) => new (CRF as Loose)(...args) }) },
  { name: "bioConstraints", open: () => ({ args: [LABELS], call: (...args: Loose) => (bioConstraints as Loose)(...args) }) },
  method("forward", []),
  method("decode", [{ lengths: LENGTHS }], whole),
  method("marginals", [{ lengths: LENGTHS }]),
  {
    name: "CRF.decode of a sample",
    open(w) {
      const self: Loose = makeCRF(w);
      const sample = { data: [0, 1, 2, 3, 4, 5], shape: [2, 3] };
      self.decode(sample);
      return { args: [sample], call: (...args) => self.decode(...args), self, faults: whole };
    },
    lenient: ["0.data.0"],
    lazy: true,
  },
  {
    name: "CRF.backward",
    open(w) {
      const self = makeCRF(w);
      const criterion = w.own(new CRFLoss(self));
      const { gradient } = criterion.forward(self.forward(w.tensor(SHAPE)), w.tensor([3, 2], "i32"));
      for (let i = 0; i < 2; i++) self.backward(gradient);
      return { args: [gradient], call: (...args) => (self as Loose).backward(...args), self, observe: grads(self) };
    },
  },
  {
    name: "CRFLoss",
    open: (w) => ({ args: [makeCRF(w), { reduction: "sum" }], call: (...args: Loose) => new (CRFLoss as Loose)(...args) }),
  },
  {
    name: "CRFLoss.forward",
    open(w) {
      const self: Loose = makeCRFLoss(w);
      const args = [w.tensor(SHAPE), w.tensor([3, 2], "i32"), { lengths: LENGTHS, divisor: 2 }];
      for (let i = 0; i < 2; i++) self.forward(...args);
      const faults = ({ loss, weight }: Loose) =>
        typeof loss === "number" && weight > 0 ? undefined : `a loss of ${loss}, weight ${weight}`;
      return { args, call: (...given: Loose) => self.forward(...given), self, observe: grads(self.crf), faults };
    },
  },
];
