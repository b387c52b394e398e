/** Numbers as colours: rows on y, steps on x, with the step and the unit that are looked at. */
import { useEffect, useRef } from "preact/hooks";
import { levelOf, type ScaleName, tableOf } from "./colours";

interface HeatMapProps {
  /** What it shows, for those who cannot see it. */
  readonly title: string;
  /** [T, rows] */
  readonly values: Float32Array;
  readonly rows: number;
  readonly scale: ScaleName;
  /** What the full colour stands for. */
  readonly reach: number;
}

export function HeatMap({ title, values, rows, scale, reach }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const table = tableOf(scale);
  const steps = values.length / rows;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(steps, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < rows; row++) {
      for (let t = 0; t < steps; t++) pixels[row * steps + t] = table[levelOf(values[t * rows + row] as number, scale, reach)] as number;
    }
    context.putImageData(image, 0, 0);
  }, [values, table, steps, rows, scale, reach]);
  return <canvas ref={canvas} width={steps} height={rows} role="img" aria-label={title} />;
}
