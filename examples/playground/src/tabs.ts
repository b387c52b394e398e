/** The tabs: each is loaded when it is opened. */
import type { ComponentType } from "preact";

export interface TabInfo {
  /** In the address: #inside. */
  readonly id: string;
  readonly title: string;
  /** What one sees there, in a sentence. */
  readonly about: string;
  load(): Promise<{ readonly default: ComponentType }>;
}

export const TABS: readonly TabInfo[] = [
  {
    ...{
      id: "inside",
      title: "Inside the cell",
      about: "Step by step through an RNN, an LSTM, a GRU and a minGRU: what each gate does, and where gradients vanish.",
    },
    load: () => import("./inside/tab"),
  },
  {
    ...{ id: "text", title: "Text", about: "A network learns to write, letter by letter, from a text of yours or from a book." },
    load: () => import("./text/tab"),
  },
  {
    ...{ id: "signals", title: "Signals", about: "A network learns to forecast a column of a table." },
    load: () => import("./signals/tab"),
  },
  {
    ...{
      id: "attention",
      title: "Attention",
      about: "A decoder writes, and you see where it looks: dates that it learns here, or German.",
    },
    load: () => import("./attention/tab"),
  },
  {
    ...{ id: "voice", title: "Voice", about: "Whether somebody is speaking, and which letters and digits are said, while you say them." },
    load: () => import("./voice/tab"),
  },
  {
    ...{
      id: "model",
      title: "Your model",
      about: "What is in a file of a network or of weights, what of it runs here, and what comes out of it.",
    },
    load: () => import("./model/tab"),
  },
  {
    ...{ id: "speed", title: "Speed", about: "How fast it is on this machine, here and now." },
    load: () => import("./speed/tab"),
  },
];
