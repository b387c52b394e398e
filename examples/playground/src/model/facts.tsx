/** What a file is, and whether it runs. */
import { SAMPLE_FILE } from "./choice";
import type { Opened } from "./opened";
import { counted, sizeText } from "./words";

const MOST_FAULTS = 20;

export function Facts({ opened }: { opened: Opened }) {
  const { name, format, facts, notes, faults, network, numbers, arrayCount, bytes } = opened;
  const all: (readonly [string, string])[] = [
    ["format", format],
    ...facts,
    ...(network
      ? [
          [
            "graph",
            `${counted(network.nodes.length, "node")}, ${counted(new Set(network.nodes.map(({ op }) => op)).size, "operator")}`,
          ] as const,
        ]
      : []),
    ["weights", `${counted(numbers, "number")} in ${counted(arrayCount, "array")}`],
    ["size", sizeText(bytes)],
  ];
  return (
    <article>
      <h2>What it is</h2>
      {name === SAMPLE_FILE && (
        <p>It has learned here, when the tab was opened, to say the next value of a wave: a GRU of 12 units, as a file of ONNX.</p>
      )}
      <dl class="model-facts">
        {all.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <Verdict faults={faults} opened={opened} />
    </article>
  );
}

function Verdict({ faults, opened }: { faults: readonly string[] | undefined; opened: Opened }) {
  if (faults === undefined) return opened.summary === undefined ? <WeightsAlone opened={opened} /> : null;
  if (faults.length === 0)
    return (
      <p class="model-verdict runs">
        <strong>All of it runs here.</strong> Choose what goes in below, and press Run.
      </p>
    );
  const more = faults.length - MOST_FAULTS;
  return (
    <div class="model-verdict fails">
      <p>
        <strong>{opened.kind === "weights" ? "Its numbers are not read here" : "It does not run here"}</strong>, because of{" "}
        {counted(faults.length, "part")}:
      </p>
      <ul>
        {faults.slice(0, MOST_FAULTS).map((fault, i) => (
          <li key={i}>{fault}</li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </div>
  );
}

const LOADS: Readonly<Record<string, readonly [entry: string, name: string]>> = {
  PyTorch: ["wasm-rnn/pytorch", "loadPyTorch"],
  "arrays of NumPy": ["wasm-rnn/numpy", "loadNpz"],
};

/** Weights do not say what is computed with them. */
function WeightsAlone({ opened: { format, name } }: { opened: Opened }) {
  const [entry, load] = LOADS[format] ?? [];
  const own = JSON.stringify(name);
  const lines =
    format === "an array of NumPy"
      ? ['import { loadNpy } from "wasm-rnn/numpy";', "", `const { shape, data } = loadNpy(await readFile(${own}));`]
      : load
        ? [
            `import { ${load} } from "${entry}";`,
            "",
            `const arrays = ${load}(await readFile(${own}));`,
            "model.loadStateDict(arrays); // of a model with the same layers",
          ]
        : [
            'import { loadSafetensors } from "wasm-rnn";',
            "",
            `const { tensors } = loadSafetensors(await readFile(${own}));`,
            "model.loadStateDict(tensors); // of a model with the same layers",
          ];
  return (
    <>
      <p>
        These are weights alone: numbers by name, and nothing says what is computed with them. So there is nothing to run here by itself.
        Make the model that they belong to, and load them into it:
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the page is narrow */}
      <pre tabIndex={0} class="model-code">
        <code>{['import { readFile } from "node:fs/promises";', ...lines].join("\n")}</code>
      </pre>
      <p>
        More of it, other names and other layouts, is in <a href={DOCS}>Bring your weights</a>.
      </p>
    </>
  );
}

/** docs/weights.md, put beside the page. */
const DOCS = "./data/weights.txt";
