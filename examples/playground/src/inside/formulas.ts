/** The cells' equations, in the notebook's letters, and what is to be seen of each. Subscripts are written _{…}, superscripts ^{…}. */
import type { ScaleName } from "./colours.js";
import type { CellName } from "./sizes.js";

/** A heat map. */
export interface MapInfo {
  /** As in Values. */
  readonly name: string;
  readonly symbol: string;
  readonly title: string;
  readonly scale: ScaleName;
  /** It has no bound: the full colour is its largest value, at least 1. */
  readonly unbounded?: boolean;
}

/** Reads a value at the step; "c−" is c one step before. */
export type Reader = (name: string) => string;

export interface Equation {
  /** The line's value, as in Values. */
  readonly name: string;
  readonly formula: string;
  /** Its right side with numbers. */
  readonly put: (of: Reader) => string;
}

export interface CellInfo {
  /** In a sentence. */
  readonly about: string;
  readonly colour: `--${string}`;
  /** The hidden state, which all cells have, first; then what is inside. */
  readonly maps: readonly MapInfo[];
  readonly equations: readonly Equation[];
}

const T = "^{⟨t⟩}";
const BEFORE = "^{⟨t−1⟩}";

/** A weighted sum of x⟨t⟩ and a⟨t−1⟩ through a function. */
function weighted(name: string, symbol: string, through: string, letter: string): Equation {
  return {
    name,
    formula: `${symbol}${T} = ${through}(W_{${letter}x} x${T} + W_{${letter}a} a${BEFORE} + b_{${letter}})`,
    put: (of) => `${through}(${of(`${name}.x`)} + ${of(`${name}.a`)} + ${of(`${name}.b`)})`,
  };
}

const gate = (name: string, symbol: string, title: string): MapInfo => ({ name, symbol, title, scale: "gate" });
const signed = (name: string, symbol: string, title: string, unbounded = false): MapInfo => ({
  name,
  symbol,
  title,
  scale: "signed",
  unbounded,
});

export const CELL_INFO: Readonly<Record<CellName, CellInfo>> = {
  RNN: {
    about: "No gates: each step mixes all it knew anew.",
    colour: "--first",
    maps: [signed("a", "a", "hidden state")],
    equations: [
      {
        name: "a",
        formula: `a${T} = tanh(W_{ax} x${T} + W_{aa} a${BEFORE} + b_{a})`,
        put: (of) => `tanh(${of("z.x")} + ${of("z.a")} + ${of("z.b")})`,
      },
    ],
  },
  LSTM: {
    about: "A cell state c that is kept while the forget gate is open.",
    colour: "--second",
    maps: [
      signed("a", "a", "hidden state"),
      signed("c", "c", "cell state", true),
      gate("f", "Γ_{f}", "forget gate"),
      gate("i", "Γ_{i}", "update gate"),
      gate("o", "Γ_{o}", "output gate"),
      signed("g", "c̃", "candidate"),
    ],
    equations: [
      weighted("f", "Γ_{f}", "σ", "f"),
      weighted("i", "Γ_{i}", "σ", "i"),
      weighted("g", "c̃", "tanh", "c"),
      {
        name: "c",
        formula: `c${T} = Γ_{f}${T} ∗ c${BEFORE} + Γ_{i}${T} ∗ c̃${T}`,
        put: (of) => `${of("f")} · ${of("c−")} + ${of("i")} · ${of("g")}`,
      },
      weighted("o", "Γ_{o}", "σ", "o"),
      { name: "a", formula: `a${T} = Γ_{o}${T} ∗ tanh(c${T})`, put: (of) => `${of("o")} · tanh(${of("c")})` },
    ],
  },
  GRU: {
    about: "One state; z is the share of the old one that stays.",
    colour: "--third",
    maps: [
      signed("a", "a", "hidden state"),
      gate("r", "Γ_{r}", "reset gate"),
      gate("z", "Γ_{z}", "update gate"),
      signed("n", "ñ", "candidate"),
    ],
    equations: [
      weighted("r", "Γ_{r}", "σ", "r"),
      weighted("z", "Γ_{z}", "σ", "z"),
      {
        name: "n",
        formula: `ñ${T} = tanh(W_{nx} x${T} + b_{nx} + Γ_{r}${T} ∗ (W_{na} a${BEFORE} + b_{na}))`,
        put: (of) => `tanh(${of("n.x")} + ${of("n.b")} + ${of("r")} · ${of("m")})`,
      },
      {
        name: "a",
        formula: `a${T} = (1 − Γ_{z}${T}) ∗ ñ${T} + Γ_{z}${T} ∗ a${BEFORE}`,
        put: (of) => `(1 − ${of("z")}) · ${of("n")} + ${of("z")} · ${of("a−")}`,
      },
    ],
  },
  minGRU: {
    about: "Its gate sees x alone; here z is the share of what is new.",
    colour: "--fourth",
    maps: [signed("a", "h", "hidden state", true), gate("z", "z", "update gate"), signed("n", "h̃", "candidate", true)],
    equations: [
      { name: "z", formula: `z${T} = σ(W_{z} x${T} + b_{z})`, put: (of) => `σ(${of("z.x")} + ${of("z.b")})` },
      { name: "n", formula: `h̃${T} = W_{h} x${T} + b_{h}`, put: (of) => `${of("n.x")} + ${of("n.b")}` },
      {
        name: "a",
        formula: `h${T} = z${T} ∗ h̃${T} + (1 − z${T}) ∗ h${BEFORE}`,
        put: (of) => `${of("z")} · ${of("n")} + (1 − ${of("z")}) · ${of("a−")}`,
      },
    ],
  },
};
