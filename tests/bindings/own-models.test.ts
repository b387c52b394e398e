/** The models of docs/own-models.md, taken out of the document, beside PyTorch: 30 steps each. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as lib from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { peephole } from "../reference/peephole.js";

interface Numbers {
  shape: number[];
  data: number[];
}
interface Golden {
  weights: Record<string, Numbers>;
  x: Numbers;
  y: Numbers;
  first: number[];
  losses: number[];
}
const golden = JSON.parse(readFileSync(new URL("../golden/own-models.json", import.meta.url), "utf8")) as Record<string, Golden>;
const document = readFileSync(new URL("../../docs/own-models.md", import.meta.url), "utf8");

/** How each class is made, as the golden's weights ask it. */
const OPTIONS: Record<string, unknown> = {
  "self-attention": 6,
  "attention-pooling": { inputSize: 3, hiddenSize: 4, classes: 2 },
  siamese: { inputSize: 2, hiddenSize: 4 },
  peepholes: { inputSize: 2, hiddenSize: 4 },
};

/** The class that an example defines. */
function classOf(name: string): new (rt: lib.Runtime, options: unknown) => lib.Model {
  const [, code = ""] = new RegExp(`<!-- example: ${name} -->\\s*\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(document) ?? [];
  const [model = ""] = code.replace(/^import .*$/gm, "").split("\nconst rt =");
  const [, called] = /class (\w+) extends/.exec(model) ?? [];
  const names = { ...lib, ...ops };
  return new Function(...Object.keys(names), `${model}\nreturn ${called};`)(...Object.values(names));
}

let rt: lib.Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64" });
});
afterAll(() => rt.dispose());

function started(name: string) {
  const { weights, x } = golden[name] as Golden;
  const model = new (classOf(name))(rt, OPTIONS[name]) as lib.Trainable & lib.Model;
  expect(
    model
      .namedParameters()
      .map(([full]) => full)
      .sort(),
  ).toEqual(Object.keys(weights).sort());
  for (const [full, parameter] of model.namedParameters()) parameter.set((weights[full] as Numbers).data);
  return { model, x: rt.tensor(x.data, x.shape, name === "self-attention" ? { batchFirst: true } : {}) };
}

describe.each(Object.keys(OPTIONS))("%s", (name) => {
  test("30 steps have PyTorch's losses", () => {
    const { y, losses, first } = golden[name] as Golden;
    const { model, x } = started(name);
    const classes = name === "attention-pooling";
    const target = classes ? rt.tensor(Int32Array.from(y.data), y.shape) : rt.tensor(y.data, y.shape);
    const loss = classes ? new lib.CrossEntropyLoss(rt) : new lib.MSELoss(rt);
    const optimizer = new lib.SGD(model.parameters(), { lr: 0.1 });
    const frame = new lib.Frame(rt);
    const seen = frame.run(() => model.forward(x).toArray());
    for (const [i, value] of first.entries()) expect(Math.abs((seen[i] as number) - value)).toBeLessThan(1e-10);
    for (const [step, value] of losses.entries()) {
      const result = frame.record(() => loss.forward(model.forward(x), target));
      expect(Math.abs(result.loss / value - 1), `step ${step}: ${result.loss} for ${value}`).toBeLessThan(1e-8);
      frame.backward(result);
      optimizer.step();
      optimizer.zeroGrad();
    }
    for (const each of [frame, optimizer, loss, target, x, model]) each.dispose();
    expect(rt.bytesInUse).toBe(0);
  });

  test("its example is shorter than 30 lines, its imports left out", () => {
    const [, code = ""] = new RegExp(`<!-- example: ${name} -->\\s*\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(document) ?? [];
    expect(
      code
        .trim()
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("import ")).length,
    ).toBeLessThan(30);
  });
});

test("peepholes agree with plain loops within 1e-12", () => {
  const { model, x } = started("peepholes");
  const { weights, x: given } = golden.peepholes as Golden;
  using frame = new lib.Frame(rt);
  const seen = frame.run(() => model.forward(x).toArray());
  const twin = peephole(
    given.data,
    given.shape as [number, number, number],
    4,
    Object.fromEntries(Object.entries(weights).map(([key, { data }]) => [key, data])),
  );
  for (const [i, value] of twin.entries()) expect(Math.abs((seen[i] as number) - value)).toBeLessThan(1e-12);
  for (const each of [x, model]) each.dispose();
});
