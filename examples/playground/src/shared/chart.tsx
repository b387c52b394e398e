/** A line chart that follows its data, its width and the colours of the page. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A custom property of style.css. */
  readonly colour: `--${string}`;
  readonly dashed?: boolean;
  /** Points alone. */
  readonly points?: boolean;
}

interface ChartProps {
  /** What it shows, for those who cannot see it. */
  readonly title: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly height?: number;
  /** x is in seconds since 1970. */
  readonly time?: boolean;
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Of the legend, which is empty where nothing is pointed at. */
function numberOf(value: number | null): string {
  return value === null ? "" : String(Number(value.toPrecision(5)));
}

function dateOf(seconds: number | null): string {
  return seconds === null ? "" : new Date(1000 * seconds).toISOString().slice(0, 16).replace("T", " ").replace(" 00:00", "");
}

export function Chart({ title, x, lines, xLabel, yLabel, height = 240, time = false }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const shape = JSON.stringify([lines.map(({ label, colour, dashed, points }) => [label, colour, dashed, points]), xLabel, yLabel, time]);
  const data = [x, ...lines.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const newest = useRef(data); // for when it is drawn anew, as in other colours
  newest.current = data;

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const draw = () => {
      chart.current?.destroy();
      const axis = {
        stroke: () => colourOf("--pico-muted-color"),
        grid: { stroke: () => colourOf("--grid"), width: 1 },
        ticks: { show: false },
      };
      chart.current = new uPlot(
        {
          ...{ width: Math.max(120, element.clientWidth), height, cursor: { y: false }, legend: { live: true } },
          scales: { x: { time } },
          tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"), // dates of a table are of no place
          axes: [
            { ...axis, label: xLabel, labelSize: 18 },
            { ...axis, ...(yLabel && { label: yLabel, labelSize: 18 }), size: 56 },
          ],
          series: [
            { label: xLabel, value: (_, value) => (time ? dateOf(value) : numberOf(value)) },
            ...lines.map(({ label, colour, dashed, points }) => ({
              ...{
                label,
                value: (_: uPlot, value: number | null) => numberOf(value),
                stroke: () => colourOf(colour),
                width: points ? 0 : 2,
                points: { show: points ?? false },
              },
              ...(dashed && { dash: [6, 4] }),
            })),
          ],
        },
        newest.current,
        element,
      );
    };
    draw();
    dark.addEventListener("change", draw);
    const observer = new ResizeObserver(() => chart.current?.setSize({ width: Math.max(120, element.clientWidth), height }));
    observer.observe(element);
    return () => {
      dark.removeEventListener("change", draw);
      observer.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [shape, height]);

  useEffect(() => {
    const own = chart.current;
    if (!own) return;
    const [before] = own.data;
    const { min, max } = own.scales.x ?? {};
    const isZoomed = (min ?? -Infinity) > (before[0] ?? -Infinity) || (max ?? Infinity) < (before.at(-1) ?? Infinity);
    own.setData(data, !isZoomed);
    if (isZoomed) own.redraw();
  }, [x, lines]);
  return <div class="chart" ref={place} role="img" aria-label={title} />;
}
