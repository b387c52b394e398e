/** CTC by its definition: the loss with its gradient, and the decoder, path by path, 10,000 small cases each. */
import { describe, expect, test } from "vitest";
import { CTCLoss, ctcBeam } from "../../bindings/sequence.js";
import { draws } from "../helpers/compare.js";
import { pairScore, smallCase, wrongHypotheses } from "../helpers/ctc.js";
import { DTYPES, operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { allLabellings, ctcByPaths } from "../reference/ctc.js";

const CASES = 10_000;
const MINUTES = 60_000;

describe.each(DTYPES)("CTCLoss in %s", (dtype) => {
  test(
    "path by path",
    async () => {
      const rt = await operatorRuntime({ dtype });
      const draw = draws(printedSeed(`CTCLoss in ${dtype}`));
      const tolerance = dtype === "f32" ? 2e-5 : 1e-9;
      const near = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(b));
      for (let i = 0; i < CASES; i++) {
        const { z, labels, blank } = smallCase(draw);
        using loss = new CTCLoss(rt, { blank, reduction: "sum" });
        using logits = rt.tensor(z.flat(), [z.length, z[0].length]);
        using targets = rt.tensor(Int32Array.from([...labels, -1]), [labels.length + 1]);
        const got = loss.forward(logits, targets, { targetLengths: [labels.length] });
        const want = ctcByPaths(z, labels, blank);
        const gradient = want.loss === Infinity ? z.flat().fill(Number.NaN) : want.gradient.flat();
        const isRight = near(got.loss, want.loss) && got.gradient.toArray().every((v: number, at: number) => near(v, gradient[at]));
        if (!isRight) expect.fail(JSON.stringify({ z, labels, blank, got: got.loss, want }));
      }
      rt.dispose();
    },
    10 * MINUTES,
  );
});

test(
  "ctcBeam, path by path",
  () => {
    const draw = draws(printedSeed("ctcBeam"));
    for (let i = 0; i < CASES; i++) {
      const { z, blank } = smallCase(draw);
      const score = i % 2 ? pairScore : undefined;
      const wrong = wrongHypotheses(ctcBeam(z, { blank, score, beamWidth: 10_000 }), allLabellings(z, blank, score));
      if (wrong) expect.fail(`${wrong}: ${JSON.stringify({ z, blank, i })}`);
    }
  },
  10 * MINUTES,
);
