/** A callback ends the training: the history says so, and a checkpoint goes on to the bits of the whole run. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Callbacks, fit, type History, type Runtime, type Training } from "../../bindings/index.js";
import { expectLeft, runOf, stateOf, withParts } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** Stops at the nth call. */
const at = (calls: number, wait?: () => Promise<unknown>) => (_: unknown, training: Training) => {
  if (--calls !== 0) return undefined;
  if (!wait) return training.stop();
  return wait().then(() => training.stop());
};
const later = () => new Promise((resolve) => void setTimeout(resolve, 2));

// Eight batches an epoch, in steps of 3, 3 and 2.
const MOMENTS: [string, () => Callbacks, { steps: number; epochs: number }][] = [
  ["the first batch", () => ({ onProgress: at(1) }), { steps: 1, epochs: 0 }],
  ["the middle of an accumulation", () => ({ onProgress: at(4) }), { steps: 2, epochs: 0 }],
  ["the end of a step, later", () => ({ onProgress: at(6, later) }), { steps: 2, epochs: 0 }],
  ["the last batch of an epoch", () => ({ onProgress: at(8) }), { steps: 3, epochs: 0 }],
  ["the second epoch", () => ({ onProgress: at(12) }), { steps: 5, epochs: 1 }],
  ["the end of an epoch", () => ({ onEpoch: at(1) }), { steps: 3, epochs: 1 }],
  ["the end of an epoch, later", () => ({ onEpoch: at(2, later) }), { steps: 6, epochs: 2 }],
];

describe.each(MOMENTS)("stop() in %s", (_, callbacks, { steps, epochs }) => {
  test.each([undefined, 1, 1000])("checkpoints every %s steps: fit returns, and a resumed run comes to the same bits", async (every) => {
    const plain = { accumulate: 3, earlyStopping: undefined as never };
    const whole = await withParts(rt, async (parts) => {
      const history = await fit(parts.model, { ...runOf(parts), ...plain });
      expect(history.stopped).toBe("finished");
      return { state: stateOf(parts), history };
    });
    let bytes = new Uint8Array();
    const save = async (now: Uint8Array) => {
      await null;
      bytes = now.slice();
    };
    const checkpoint = every === undefined ? { save } : { save, every };
    const calls: string[] = [];
    const witness = { onEpoch: () => void calls.push("epoch"), onEnd: () => void calls.push("end") };
    await withParts(rt, async (parts) => {
      const history = await fit(parts.model, { ...runOf(parts), ...plain, checkpoint, callbacks: [callbacks(), witness] });
      expect(history).toEqual({ epochs: whole.history.epochs.slice(0, epochs), steps, stopped: "callback" });
      expect(calls).toEqual([...Array(epochs).fill("epoch"), "end"]); // the others still hear of it
      expect(parts.optimizer.state().step).toBe(steps);
      expectLeft(parts);
    });
    await withParts(
      rt,
      async (parts) => {
        const history = await fit(parts.model, { ...runOf(parts), ...plain, resume: bytes });
        expect(history).toEqual({ ...whole.history, resumedFrom: { step: steps, build: rt.build } });
        expect(stateOf(parts)).toEqual(whole.state);
      },
      77,
    );
  });
});

test("again and again: the same bits", async () => {
  const whole = await withParts(rt, async (parts) => {
    const { epochs, steps } = await fit(parts.model, runOf(parts));
    return { epochs, steps, state: stateOf(parts) };
  });
  let resume: Uint8Array | false = false;
  for (let i = 0, stopped: History["stopped"] = "callback"; stopped === "callback"; i++) {
    await withParts(
      rt,
      async (parts) => {
        const save = (now: Uint8Array) => {
          resume = now.slice();
        };
        const callbacks = { onProgress: at(1 + (i % 4)) };
        const history = await fit(parts.model, { ...runOf(parts), checkpoint: { save }, resume, callbacks });
        ({ stopped } = history);
        if (stopped !== "callback") expect({ epochs: history.epochs, steps: history.steps, state: stateOf(parts) }).toEqual(whole);
      },
      9 + i,
    );
  }
});

describe("stop()", () => {
  test("in the last epoch's onEpoch changes nothing: all is finished", () =>
    withParts(rt, async (parts) => {
      const history = await fit(parts.model, { ...runOf(parts), callbacks: { onEpoch: at(4) } });
      expect([history.stopped, history.epochs.length]).toEqual(["finished", 4]);
    }));

  test("with earlyStopping: the model has the best epoch's weights", () =>
    withParts(rt, async (parts) => {
      const weights: number[][] = [];
      const note = { onEpoch: () => void weights.push([...(parts.model.parameters()[0]?.toArray() ?? [])]) };
      const history = await fit(parts.model, { ...runOf(parts), callbacks: [note, { onProgress: at(21) }] });
      expect(history.stopped).toBe("callback");
      const losses = history.epochs.map(({ validation }) => validation?.loss as number);
      expect(history.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
      expect([...(parts.model.parameters()[0]?.toArray() ?? [])]).toEqual(weights[(history.bestEpoch as number) - 1]);
    }));

  test("kept and called from outside, as by a button", () =>
    withParts(rt, async (parts) => {
      let stop = () => {};
      const seen: number[] = [];
      const callbacks = {
        async onProgress({ step }: { step: number }, training: Training) {
          ({ stop } = training);
          seen.push(step);
          if (step === 3) queueMicrotask(stop);
          await later();
        },
      };
      const { stopped, steps } = await fit(parts.model, { ...runOf(parts), callbacks });
      expect([stopped, steps, seen]).toEqual(["callback", 3, [1, 2, 3]]);
      stop(); // after the end it does nothing
    }));

  test("beside a signal that was given too: the signal's reason goes before", () =>
    withParts(rt, async (parts) => {
      const controller = new AbortController();
      const onProgress = (_: unknown, training: Training) => {
        training.stop();
        controller.abort(new Error("signalled"));
      };
      await expect(fit(parts.model, { ...runOf(parts), callbacks: { onProgress }, signal: controller.signal })).rejects.toThrow(
        "signalled",
      );
    }));

  test("what a callback returns, false too, ends nothing", () =>
    withParts(rt, async (parts) => {
      const { stopped } = await fit(parts.model, { ...runOf(parts), callbacks: { onProgress: () => false, onEpoch: async () => false } });
      expect(stopped).not.toBe("callback");
    }));
});
