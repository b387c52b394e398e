/** Your model: graphs of Keras' layers, drawn and run as they are. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { drawn } from "../../examples/playground/src/model/drawing";
import { read } from "../../examples/playground/src/model/reading";
import { ran } from "../../examples/playground/src/model/running";

interface Case {
  readonly name: string;
  readonly file: string;
  readonly x: number[];
  readonly shape: number[];
  readonly output: number[];
  readonly outputShape: number[];
}

const { cases } = JSON.parse(readFileSync(new URL("../golden/keras-files.json", import.meta.url), "utf8")) as { cases: Case[] };

describe("models of Keras", () => {
  it.each(cases.map((each) => [each.name, each] as const))("%s", async (_, { file, x, shape, output, outputShape }) => {
    const bytes = new Uint8Array(inflateSync(Buffer.from(file, "base64")));
    const { opened, session, rt } = await read([{ name: bytes[0] === 0x50 ? "own.keras" : "own.h5", bytes }]);
    const { network } = opened;
    expect(opened.faults).toEqual([]);
    const { boxes, lines, shown, of } = drawn(network!, network!.shapes, 100);
    expect(shown).toBe(of);
    expect(boxes.at(0)?.kind).toBe("input");
    expect(boxes.at(-1)?.kind).toBe("output");
    expect(lines.length).toBeGreaterThanOrEqual(boxes.length - 1); // nothing stands alone
    const name = network!.inputs[0]!.name;
    const outcome = ran(rt, await session!(), [
      { name, shape: network!.inputs[0]!.shape!.map((_, i) => shape[i] as number), fill: "numbers", text: x.join(" ") },
    ]);
    const [given] = outcome.outputs;
    expect([...(given?.shape ?? [])].filter((size) => size !== 1)).toEqual(outputShape.filter((size) => size !== 1));
    for (const [i, value] of output.entries()) expect(Math.abs((given?.data[i] as number) - value)).toBeLessThan(2e-6);
    expect(outcome.shapes.get(given?.name ?? "")).toEqual(given?.shape);
    const named = drawn(network!, new Map([...network!.shapes, ...outcome.shapes]), 100).boxes;
    expect(named.filter((box) => !/^\[[\d, ]+\]$/.test(box.shape))).toEqual([]);
    rt.dispose();
  });
});
