/** Doors: CTC, its loss and its decoders. */
import * as sequence from "../../bindings/sequence.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;
const loose: Loose = sequence;

const OPTIONS = { blank: 2, zeroInfinity: true, reduction: "mean", dtype: "f32" } as const;
const FRAMES = [
  [0, 1, 2],
  [2, 1, 0],
];
const score = () => 0;
const streams = { CTCGreedyStream: { blank: 1 }, CTCBeamStream: { blank: 1, beamWidth: 3, score } } as const;

const decoders: Door[] = Object.entries({ ctcGreedy: { blank: 1 }, ctcBeam: { blank: 1, beamWidth: 3, score } }).flatMap(
  ([name, options]): Door[] => {
    const call = (...args: unknown[]) => loose[name](...args);
    return [
      { name, open: (w: World) => ({ args: [w.tensor([3, 2, 3]), { ...options, lengths: [3, 2] }], call }), lenient: ["1.score"] },
      { name: `${name} of frames`, open: () => ({ args: [FRAMES, options], call }), lenient: ["1.score"] },
      {
        name: `${name} of { data, shape }`,
        open: () => ({ args: [{ data: FRAMES.flat(), shape: [2, 3] }, options], call }),
        lenient: ["1.score"],
      },
    ];
  },
);

const frameByFrame: Door[] = Object.entries(streams).flatMap(([name, options]): Door[] => {
  const begun = () => {
    const self = new loose[name](options);
    self.push(FRAMES[0]);
    return self;
  };
  return [
    { name, open: () => ({ args: [options], call: (...args) => new loose[name](...args) }), lenient: ["0.score"] },
    {
      name: `${name}.push`,
      open() {
        const self = begun();
        return { args: [FRAMES[1]], call: (...args) => self.push(...args), self, observe: () => self.labels ?? self.hypotheses };
      },
    },
    {
      name: `${name}.end`,
      open() {
        const self = begun();
        return { args: [1], call: (...args) => self.end(...args), self };
      },
      lenient: ["0"],
    },
  ];
});

export const ctcDoors: readonly Door[] = [
  { name: "CTCLoss", open: (w) => ({ args: [w.rt, OPTIONS], call: (...args) => new loose.CTCLoss(...args) }) },
  {
    name: "CTCLoss.forward",
    open(w) {
      const self = w.own(new sequence.CTCLoss(w.rt, OPTIONS));
      const how = { lengths: [3, 2], targetLengths: [2, 0], divisor: 2 };
      const faults = ({ loss, weight }: Loose) =>
        typeof loss === "number" && weight === 2 ? undefined : `a loss of ${loss}, weight ${weight}`;
      return {
        args: [w.tensor([3, 2, 3]), w.tensor([2, 2], "i32"), how],
        call: (...args: Loose[]) => (self as Loose).forward(...args),
        self,
        faults,
      };
    },
  },
  ...decoders,
  ...frameByFrame,
];
