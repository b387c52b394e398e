import { describe, expect, it } from "vitest";
import { ArgumentError, DisposedError, ShapeError } from "../../bindings/index.js";
import { CTCBeamStream, CTCGreedyStream, CTCLoss, ctcBeam, ctcGreedy } from "../../bindings/sequence.js";
import { draws, expectClose } from "../helpers/compare.js";
import { pairScore, smallCase, wrongHypotheses } from "../helpers/ctc.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, operatorRuntime, testRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { allLabellings, collapse } from "../reference/ctc.js";

const WIDE = 10_000;
// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
const bad = (value: unknown): any => value;

const framesOf = (draw: ReturnType<typeof draws>, T: number, C: number, scale = 4) => Array.from({ length: T }, () => [...draw(C, scale)]);

describe("ctcGreedy", () => {
  it("is the collapsed path of the greatest logits", () => {
    const draw = draws(printedSeed("greedy"));
    for (let i = 0; i < 300; i++) {
      const { z, blank } = smallCase(draw);
      expect(ctcGreedy(z, { blank })).toEqual(
        collapse(
          z.map((row) => row.indexOf(Math.max(...row))),
          blank,
        ),
      );
    }
    expect(ctcGreedy([])).toEqual([]);
    expect(
      ctcGreedy([
        [1, 1, 0],
        [0, 2, 2],
      ]),
    ).toEqual([1]); // of equal ones the first
  });

  it.each(DTYPES)("takes tensors of either layout with lengths, one sequence of any form, in %s", async (dtype) => {
    const rt = await testRuntime({ dtype });
    const draw = draws(2);
    const [T, N, C] = [9, 3, 4];
    const lengths = [9, 1, 5];
    const all = lengths.map((own) => framesOf(draw, own, C));
    const want = all.map((z) => ctcGreedy(z));
    expect(want.flat().length).toBeGreaterThan(4);
    for (const batchFirst of [false, true]) {
      const x = new Float64Array(T * N * C).fill(Number.NaN);
      for (const [n, z] of all.entries()) for (const [t, row] of z.entries()) x.set(row, (batchFirst ? n * T + t : t * N + n) * C);
      const logits = rt.tensor(x, batchFirst ? [N, T, C] : [T, N, C], { batchFirst });
      expect(ctcGreedy(logits, { lengths })).toEqual(want);
      expect(ctcBeam(logits, { lengths })).toEqual(all.map((z) => ctcBeam(z)));
    }
    const [one] = all;
    expect(ctcGreedy(rt.tensor(one.flat(), [T, C]))).toEqual([want[0]]);
    expect(ctcGreedy({ data: Float32Array.from(one.flat()), shape: [T, C] })).toEqual(want[0]);
    expect(ctcGreedy(one.map((row) => Float32Array.from(row)))).toEqual(want[0]);
    expect(ctcBeam(rt.tensor(one.flat(), [T, C]))).toEqual([ctcBeam(one)]);
    rt.dispose();
  });

  it("frame by frame gives the same, and begins again behind the end", () => {
    const draw = draws(printedSeed("greedy streams"));
    const stream = new CTCGreedyStream({ blank: 1 });
    for (let i = 0; i < 50; i++) {
      const z = framesOf(draw, 12, 3 + (i % 2));
      const heard = z.map((frame) => stream.push(frame)).filter((label) => label !== undefined);
      expect(stream.labels).toEqual(heard);
      expect([heard, stream.end()]).toEqual([ctcGreedy(z, { blank: 1 }), heard]);
    }
    expect(stream.end()).toEqual([]);
  });
});

describe("ctcBeam", () => {
  it("with a beam for all prefixes is every labelling with its probability, best first: 300 small cases", () => {
    const draw = draws(printedSeed("beams, path by path"));
    for (let i = 0; i < 300; i++) {
      const { z, blank } = smallCase(draw);
      const score = [undefined, pairScore, (_: unknown, label: number) => (label === 1 ? -Infinity : 1)][i % 3];
      const got = ctcBeam(z, { blank, score, beamWidth: WIDE });
      expect(wrongHypotheses(got, allLabellings(z, blank, score)), JSON.stringify({ z, blank, i })).toBeUndefined();
    }
  });

  it("says of its labels what CTCLoss says", async () => {
    const rt = await operatorRuntime({ dtype: "f64" });
    const z = framesOf(draws(6), 6, 4);
    const loss = new CTCLoss(rt, { reduction: "sum" });
    for (const { labels, logProbability } of ctcBeam(z, { beamWidth: WIDE }).slice(0, 20)) {
      const targets = rt.tensor(Int32Array.from([...labels, 0]), [labels.length + 1]);
      const got = loss.forward(rt.tensor(z.flat(), [6, 4]), targets, { targetLengths: [labels.length] });
      expectClose("loss", [got.loss], [-logProbability], 1e-12);
    }
    rt.dispose();
  });

  it("with a narrow beam has what it has followed: no probability too great, none twice, in order", () => {
    const draw = draws(printedSeed("narrow beams"));
    for (let i = 0; i < 100; i++) {
      const { z, blank } = smallCase(draw);
      const exact = new Map(allLabellings(z, blank, pairScore).map((one) => [one.labels.join(), one]));
      const got = ctcBeam(z, { blank, beamWidth: 1 + (i % 4), score: pairScore });
      expect(got.length).toBeLessThanOrEqual(1 + (i % 4));
      expect(new Set(got.map(({ labels }) => labels.join())).size).toBe(got.length);
      for (const [k, { labels, logProbability, score }] of got.entries()) {
        expect(logProbability).toBeLessThanOrEqual((exact.get(labels.join())?.logProbability as number) + 1e-9);
        expectClose(
          "score",
          [score - logProbability],
          [labels.reduce((s, label, at) => s + pairScore(labels.slice(0, at), label), 0)],
          1e-9,
          1e-9,
        );
        expect(score).toBeLessThanOrEqual(got[k - 1]?.score ?? Infinity);
      }
    }
  });

  it("finds what greedy finds where every step is all but certain", () => {
    const draw = draws(printedSeed("beams and greedy"));
    for (let i = 0; i < 50; i++) {
      const z = framesOf(draw, 30, 6, 1).map((row) => row.map((v) => (v === Math.max(...row) ? 30 : v)));
      for (const beamWidth of [1, 4]) expect(ctcBeam(z, { beamWidth })[0].labels).toEqual(ctcGreedy(z));
    }
  });

  it("puts labels of equal scores in the order of dictionaries", () => {
    const [first, ...rest] = ctcBeam([[0, 0, 0]], { beamWidth: 3 });
    expect([first, ...rest].map(({ labels }) => labels)).toEqual([[], [1], [2]]);
    expect(ctcBeam([[0, 0, 0]], { beamWidth: 2 }).map(({ labels }) => labels)).toEqual([[], [1]]);
    expect(ctcBeam([[0, 0, 0]], { blank: 2, beamWidth: 2 }).map(({ labels }) => labels)).toEqual([[], [0]]);
    const flat = ctcBeam(
      [
        [-Infinity, 0, 0, 0],
        [0, -Infinity, -Infinity, -Infinity],
        [-Infinity, 0, 0, 0],
      ],
      { beamWidth: 4 },
    );
    expect(flat.map(({ labels }) => labels)).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
    ]);
  });

  it("frame by frame gives the same bits, and lets go of what it has left", () => {
    const draw = draws(printedSeed("beam streams"));
    const stream = new CTCBeamStream({ beamWidth: 5, score: pairScore });
    for (let i = 0; i < 20; i++) {
      const z = framesOf(draw, 25, 4);
      for (const [t, frame] of z.entries()) {
        stream.push(frame);
        const want = ctcBeam(z.slice(0, t + 1), { beamWidth: 5, score: pairScore });
        expect(stream.hypotheses).toEqual(want);
        expect(stream.best).toEqual(want[0]);
      }
      expect(stream.end()).toEqual(ctcBeam(z, { beamWidth: 5, score: pairScore }));
    }
    expect(stream.hypotheses).toEqual([{ labels: [], logProbability: 0, score: 0 }]);
  });

  it("asks once for each prefix and label, and is as it was where that throws", () => {
    const asked = new Map<string, number>();
    let fails = false;
    const stream = new CTCBeamStream({
      beamWidth: 3,
      score(prefix, label) {
        if (fails) throw new Error("mine");
        const key = [...prefix, "then", label].join();
        asked.set(key, (asked.get(key) ?? 0) + 1);
        (prefix as number[]).length = 0; // the prefix is the caller's
        return -1;
      },
    });
    const z = framesOf(draws(3), 6, 3);
    for (const frame of z.slice(0, 3)) stream.push(frame);
    const before = stream.hypotheses;
    fails = true;
    expect(() => stream.push([0, 9, 9])).toThrow("mine");
    expect(stream.hypotheses).toEqual(before);
    fails = false;
    for (const frame of z.slice(3)) stream.push(frame);
    expect(stream.hypotheses).toEqual(ctcBeam(z, { beamWidth: 3, score: () => -1 }));
    expect(asked.size).toBeGreaterThan(5);
    expect(Math.max(...asked.values())).toBeLessThanOrEqual(2); // a prefix may leave the beam and come back
  });

  it("has nothing where all is forbidden", () => {
    const z = [[-Infinity, 0, 0]];
    expect(ctcBeam(z, { score: () => -Infinity })).toEqual([]);
    const stream = new CTCBeamStream({ score: () => -Infinity });
    stream.push(z[0]);
    expect(stream.best).toBeUndefined();
    stream.push(z[0]);
    expect(stream.end()).toEqual([]);
  });
});

describe("refusals of decoders", async () => {
  const rt = await testRuntime();
  const x = rt.zeros([4, 2, 3]);
  it.each<[string, () => unknown, typeof ArgumentError, string]>([
    [
      "NaN",
      () =>
        ctcGreedy([
          [0, 1],
          [0, Number.NaN],
        ]),
      ArgumentError,
      "logits[1][1]: expected a number below ∞, got NaN",
    ],
    ["∞", () => ctcBeam([[0, Infinity]]), ArgumentError, "logits[0][1]: expected a number below ∞, got Infinity"],
    ["nothing possible", () => ctcBeam([[-Infinity, -Infinity]]), ArgumentError, "logits[0]: expected a logit over −∞, got none"],
    [
      "other frames",
      () =>
        ctcGreedy([
          [0, 1],
          [0, 1, 2],
        ]),
      ShapeError,
      "logits[1]: expected 2 logits, as the first, got 3",
    ],
    [
      "a blank that is no class",
      () => ctcGreedy([[0, 1]], { blank: 2 }),
      ShapeError,
      "logits[0]: expected more than 2 logits, that being the blank",
    ],
    ["half a blank", () => ctcBeam([[0, 1]], { blank: 0.5 }), ArgumentError, "blank: expected a class, an integer from 0, got 0.5"],
    ["no beam", () => ctcBeam([[0, 1]], { beamWidth: 0 }), ArgumentError, "beamWidth: expected a positive integer, got 0"],
    [
      "a score that is none",
      () => ctcBeam([[0, 1]], { score: bad(3) }),
      ArgumentError,
      "score: expected a function of prefix and label, got 3",
    ],
    [
      "a score of NaN",
      () => ctcBeam([[0, 1]], { score: () => Number.NaN }),
      ArgumentError,
      "score([], 1): expected a number below 1e+100, got NaN",
    ],
    [
      "lengths of one",
      () => ctcGreedy([[0, 1]], { lengths: [1] }),
      ArgumentError,
      "lengths: expected none, there being no tensor, got [1]",
    ],
    ["a length too long", () => ctcGreedy(x, { lengths: [4, 5] }), ArgumentError, "lengths[1]: expected an integer in 1 … 4, got 5"],
    ["one axis", () => ctcBeam(rt.zeros([3])), ShapeError, "logits: expected [T, N, C], or [T, C] without lengths, got [3]"],
    ["another shape", () => ctcGreedy({ data: [1, 2, 3], shape: [2, 2] }), ShapeError, "logits: expected [T, C] of 3 numbers, got [2, 2]"],
    [
      "half a frame",
      () => ctcGreedy({ data: [1, 2, 3, 4, 5], shape: [2.5, 2] }),
      ShapeError,
      "logits: expected [T, C] of 5 numbers, got [2.5, 2]",
    ],
    ["a number", () => ctcGreedy(bad(3)), ArgumentError, "logits: expected a Tensor, { data, shape } or frames of logits, got 3"],
    ["a strange option", () => ctcGreedy(x, bad({ beamWidth: 3 })), ArgumentError, "options: expected only blank, lengths, got beamWidth"],
  ])("%s", (_, act, type, text) => expectRefusal(act, type, text));

  it("a frame of another size, and a stream that is used by its score", () => {
    const [greedy, beam] = [new CTCGreedyStream(), new CTCBeamStream()];
    for (const stream of [greedy, beam]) {
      stream.push([0, 1]);
      expectRefusal(() => stream.push([0, 1, 2]), ShapeError, "frame: expected 2 logits, as the first, got 3");
      stream.end();
      stream.push([0, 1, 2]);
    }
    const self: CTCBeamStream = new CTCBeamStream({
      score() {
        self.end();
        return 0;
      },
    });
    expectRefusal(() => self.push([0, 1]), ArgumentError, "score: expected a function that leaves its stream alone");
  });

  it("a tensor that has ended", () => {
    const gone = rt.zeros([2, 3]);
    gone.dispose();
    expectRefusal(() => ctcGreedy(gone), DisposedError);
  });
});
