/** Usual recurrent models as torch.onnx writes them, unchanged: what torch computes. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Runtime, ShapeError } from "../../bindings/index.js";
import { loadOnnx, type OnnxSession } from "../../bindings/onnx.js";
import { operatorRuntime } from "../helpers/runtime.js";

interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: "f32" | "i32";
  readonly data: readonly number[];
}
interface Run {
  readonly inputs: Record<string, Numbers>;
  readonly outputs: Record<string, Numbers>;
}
interface Case {
  readonly name: string;
  readonly opset: number;
  readonly files: { readonly fixed: string; readonly open: string };
  readonly runs: readonly [Run, Run];
}

const CASES: readonly Case[] = JSON.parse(readFileSync(new URL("../golden/torch-exports.json", import.meta.url), "utf8"));
const TOLERANCE = 1e-5; // of the largest number

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

function sessionOf(file: string): Promise<OnnxSession> {
  return loadOnnx(rt, inflateSync(Buffer.from(file, "base64")));
}

async function outputsOf(session: OnnxSession, { inputs }: Run): Promise<Record<string, Numbers>> {
  const feeds = Object.entries(inputs).map(([name, { data, shape, dtype }]) => [name, rt.tensor(data, shape, { dtype })] as const);
  try {
    const outputs = Object.entries(await session.run(Object.fromEntries(feeds)));
    return Object.fromEntries(outputs.map(([name, { shape, dtype, data }]) => [name, { shape, dtype: dtype as "f32", data: [...data] }]));
  } finally {
    for (const [, tensor] of feeds) tensor.dispose();
  }
}

async function expectTorchs(session: OnnxSession, run: Run): Promise<void> {
  const outputs = await outputsOf(session, run);
  expect(Object.keys(outputs)).toEqual(Object.keys(run.outputs));
  for (const [name, { shape, dtype, data }] of Object.entries(run.outputs)) {
    const ours = outputs[name] as Numbers;
    expect([name, ours.dtype, ours.shape]).toEqual([name, dtype, shape]);
    const scale = Math.max(1, ...data.map(Math.abs));
    for (const [i, value] of data.entries()) expect(Math.abs((ours.data[i] as number) - value)).toBeLessThan(TOLERANCE * scale);
  }
}

describe.each(CASES)("$name, opset $opset", ({ files, runs: [first, second] }) => {
  test("sizes left open: of one size, of another, and of the first again", async () => {
    using session = await sessionOf(files.open);
    for (const run of [first, second, first]) await expectTorchs(session, run);
  });

  test("sizes fixed", async () => {
    using session = await sessionOf(files.fixed);
    for (let i = 0; i < 2; i++) await expectTorchs(session, first);
    await expect(outputsOf(session, second)).rejects.toThrow(ShapeError);
    await expectTorchs(session, first);
  });
});

test("a session leaves nothing", async () => {
  for (const { files, runs } of CASES.slice(0, 6)) {
    const before = rt.bytesInUse;
    const session = await sessionOf(files.open);
    await outputsOf(session, runs[0]);
    session.dispose();
    expect(rt.bytesInUse).toBe(before);
  }
});
