/** The drawing of a network. */
import { BOX, type Box, type Drawing } from "./drawing";

interface PictureProps {
  readonly drawing: Drawing;
  /** The node that is looked at. */
  readonly chosen: number | undefined;
  onChoose(index: number): void;
}

export function Picture({ drawing: { width, height, boxes, lines, shown }, chosen, onChoose }: PictureProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the graph is large
    <section class="model-graph" tabIndex={0} aria-label="The graph, drawn">
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${shown} nodes, each below those that it reads; the table below says the same.`}
      >
        <defs>
          <marker id="model-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {lines.map((points, i) => (
          <polyline key={i} points={points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")} marker-end="url(#model-arrow)" />
        ))}
        {boxes.map((box, i) => (
          <Node key={i} box={box} isChosen={box.kind === "node" && box.index === chosen} onChoose={onChoose} />
        ))}
      </svg>
    </section>
  );
}

interface NodeProps {
  readonly box: Box;
  readonly isChosen: boolean;
  onChoose(index: number): void;
}

function Node({ box: { kind, index, title, name, shape, fault, x, y }, isChosen, onChoose }: NodeProps) {
  const what = kind === "node" ? group(title) : kind;
  const choose = () => kind === "node" && onChoose(index);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table says the same to those who do not point
    <g
      transform={`translate(${x - BOX.width / 2} ${y - BOX.height / 2})`}
      class={`model-node ${what}${fault ? " fault" : ""}${isChosen ? " chosen" : ""}`}
      onClick={choose}
      onMouseEnter={choose}
    >
      <rect width={BOX.width} height={BOX.height} rx={kind === "node" ? 6 : 22} />
      <text x={BOX.width / 2} y={shape ? 18 : 27} class="title">
        {fault ? `✕ ${title}` : title}
      </text>
      <text x={BOX.width / 2} y={shape ? 35 : 45}>
        {name}
      </text>
      <text x={BOX.width / 2} y={52} class="shape">
        {shape && (kind === "node" ? `→ ${shape}` : shape)}
      </text>
    </g>
  );
}

/** Recurrent layers and products stand out. */
function group(op: string): string {
  if (/^(RNN|LSTM|GRU)$/.test(op)) return "recurrent";
  return /^(MatMul|Gemm|Conv|ConvTranspose)/.test(op) ? "product" : "other";
}
