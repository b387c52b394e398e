/** The loss as it falls. */
import { useMemo } from "preact/hooks";
import { Chart, type Line } from "../shared/chart";
import type { Run } from "./run";

interface CurveProps {
  readonly curve: Run["curve"];
  /** Of the text's characters, in bits. */
  readonly entropy: number;
  readonly different: number;
}

function titleOf(curve: Run["curve"]): string {
  const [first, last] = [curve[0], curve.at(-1)];
  if (!first || !last) return "Bits per character";
  const fall = `held out from ${first.validation.toFixed(2)} to ${last.validation.toFixed(2)}`;
  return `Bits per character from step ${first.step} to ${last.step}: ${fall}`;
}

export function Curve({ curve, entropy, different }: CurveProps) {
  const x = useMemo(() => curve.map(({ step }) => step), [curve]);
  const lines = useMemo<Line[]>(
    () => [
      { label: "training", values: curve.map(({ training }) => training), colour: "--first" },
      { label: "held out", values: curve.map(({ validation }) => validation), colour: "--third" },
      { label: "letter frequencies", values: curve.map(() => entropy), colour: "--pico-muted-color", dashed: true },
    ],
    [curve, entropy],
  );
  return (
    <>
      <Chart {...{ x, lines, height: 240 }} title={titleOf(curve)} xLabel="step" yLabel="bits per character" />
      <p class="note">
        How many bits the next character would take, were it guessed by the network: less is better. Blind guessing takes{" "}
        {Math.log2(different).toFixed(2)}; knowing how often each character occurs {entropy.toFixed(2)}, the dashed line.
      </p>
    </>
  );
}
