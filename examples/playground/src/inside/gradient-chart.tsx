/** How much the answer at the end owes to each step: a line for each cell, on a logarithmic scale. */
import { useEffect, useRef, useState } from "preact/hooks";
import { power, raised } from "./figures";
import { CELL_INFO } from "./formulas";
import type { Lab, Shown } from "./lab";

/** Below this, in powers of ten, nothing is drawn: a line leaves the picture. */
const LOWEST = -12;
const DASHES = ["", "7 4", "2 3", "9 3 2 3"];
const HEIGHT = 260;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 10, 34];

export function GradientChart({ lab, shown }: { lab: Lab; shown: Shown }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(200, entry.contentRect.width)));
    observer.observe(place.current as HTMLDivElement);
    return () => observer.disconnect();
  }, []);
  const steps = shown.labels.length;
  const [low, high] = decades(shown);
  const xOf = (t: number) => LEFT + ((t + 0.5) / steps) * (width - LEFT - RIGHT);
  const yOf = (exponent: number) => TOP + ((high - exponent) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const yOfNorm = (norm: number) => yOf(Math.max(Math.log10(norm), low - 5)); // below the picture it is cut off
  const follow = (event: PointerEvent) => {
    const box = (place.current as HTMLDivElement).getBoundingClientRect();
    lab.go(Math.floor(((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * steps));
  };
  return (
    <div ref={place} class="gradients" onPointerMove={follow} onPointerDown={follow}>
      <svg width={width} height={HEIGHT} role="img" aria-label={told(shown)}>
        <clipPath id="inside-plot">
          <rect x={LEFT} y={0} width={width - LEFT - RIGHT} height={HEIGHT - BOTTOM + 1} />
        </clipPath>
        <Axes {...{ low, high, steps, width, xOf, yOf }} />
        {shown.traces.map(({ cell, gradient }, i) => (
          <polyline
            key={cell}
            class="line"
            clip-path="url(#inside-plot)"
            stroke={`var(${CELL_INFO[cell].colour})`}
            stroke-dasharray={DASHES[i]}
            points={Array.from(gradient, (norm, t) => `${xOf(t)},${yOfNorm(norm)}`).join(" ")}
          />
        ))}
        <Now lab={lab} xOf={xOf} />
      </svg>
      <ul class="key figures">
        {shown.traces.map(({ cell, gradient }, i) => (
          <li key={cell}>
            <svg width="34" height="10" aria-hidden="true">
              <line class="line" x1="1" x2="33" y1="5" y2="5" stroke={`var(${CELL_INFO[cell].colour})`} stroke-dasharray={DASHES[i]} />
            </svg>
            {cell} <NormNow lab={lab} gradient={gradient} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The step that is looked at. Apart, so that to move it draws no line again. */
function Now({ lab, xOf }: { lab: Lab; xOf(t: number): number }) {
  const x = xOf(lab.step.value);
  return <line class="now" x1={x} x2={x} y1={TOP} y2={HEIGHT - BOTTOM} />;
}

function NormNow({ lab, gradient }: { lab: Lab; gradient: Float32Array }) {
  return <span>{power(gradient[lab.step.value] ?? 0)}</span>;
}

interface AxesProps {
  readonly low: number;
  readonly high: number;
  readonly steps: number;
  readonly width: number;
  xOf(t: number): number;
  yOf(exponent: number): number;
}

function Axes({ low, high, steps, width, xOf, yOf }: AxesProps) {
  const every = Math.ceil((high - low) / 7);
  const exponents = Array.from({ length: high - low + 1 }, (_, i) => high - i).filter((_, i) => i % every === 0);
  const between = Math.max(1, Math.ceil(steps / (width / 45)));
  const ticks = Array.from({ length: steps }, (_, t) => t).filter(
    (t) => t === 0 || (t + 1) % (between === 1 ? 1 : Math.ceil(between / 5) * 5) === 0,
  );
  return (
    <g class="axes">
      {exponents.map((exponent) => (
        <g key={exponent}>
          <line x1={LEFT} x2={width - RIGHT} y1={yOf(exponent)} y2={yOf(exponent)} />
          <text x={LEFT - 6} y={yOf(exponent) + 4} text-anchor="end">
            10{raised(exponent)}
          </text>
        </g>
      ))}
      {ticks.map((t) => (
        <text key={t} x={xOf(t)} y={HEIGHT - BOTTOM + 15} text-anchor="middle">
          {t + 1}
        </text>
      ))}
      <text x={(LEFT + width) / 2} y={HEIGHT - 4} text-anchor="middle">
        step t
      </text>
    </g>
  );
}

/** The least and the greatest power of ten that is drawn. */
function decades({ traces }: Shown): [number, number] {
  const exponents = traces.flatMap(({ gradient }) => Array.from(gradient, (norm) => Math.log10(norm))).filter(Number.isFinite);
  const high = Math.ceil(Math.max(...exponents, LOWEST + 1));
  return [Math.min(Math.max(Math.floor(Math.min(...exponents, high)), LOWEST), high - 1), high];
}

function told({ traces }: Shown): string {
  const ends = traces.map(({ cell, gradient }) => `${cell} ${power(gradient[0] ?? 0)}`).join(", ");
  return `Norm of the gradient for each step. To the first step come: ${ends}.`;
}
