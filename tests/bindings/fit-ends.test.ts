/** However fit ends, by an error of a callback or by a signal at any moment: whose error it is, and what is left. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Callbacks, type FitOptions, fit, Generator, NonFiniteError, type Parameter, type Runtime } from "../../bindings/index.js";
import { expectLeft, type Parts, runOf, sequences, stateOf, withParts } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

describe("a callback that throws", () => {
  const moments = ["onProgress", "onEpoch"] as const;
  const ways: [string, (error: Error) => unknown][] = [
    [
      "at once",
      (error) => {
        throw error;
      },
    ],
    ["later", (error) => Promise.reject(error)],
  ];
  test.each(
    moments.flatMap((moment) => ways.map(([how, way]) => [moment, how, way] as const)),
  )("in %s, %s: its error is fit's, every onEnd is called, all of them throwing", (moment, _, way) =>
    withParts(rt, async (parts) => {
      const ended: string[] = [];
      const end = (name: string): Callbacks => ({
        onEnd() {
          ended.push(name);
          return way(new Error(`onEnd of ${name}`));
        },
      });
      const callbacks = [end("first"), { ...end("second"), [moment]: () => way(new Error("the real one")) }, end("third")];
      await expect(fit(parts.model, { ...runOf(parts), callbacks })).rejects.toThrow("the real one");
      expect(ended).toEqual(["first", "second", "third"]);
      expectLeft(parts);
    }));

  test("in onEnd alone: the first one's error, after a training that is whole", async () => {
    const whole = await withParts(rt, async (parts) => {
      await fit(parts.model, runOf(parts));
      return stateOf(parts);
    });
    await withParts(rt, async (parts) => {
      const ended: number[] = [];
      const callbacks = [1, 2, 3].map((n) => ({
        async onEnd() {
          ended.push(n);
          if (n > 1) throw new Error(`number ${n}`);
        },
      }));
      await expect(fit(parts.model, { ...runOf(parts), callbacks })).rejects.toThrow("number 2");
      expect(ended).toEqual([1, 2, 3]);
      expect(stateOf(parts)).toEqual(whole);
    });
  });

  test("undefined is an error too", () =>
    withParts(rt, async (parts) => {
      const callbacks = { onProgress: () => Promise.reject(undefined) };
      let caught: unknown = "nothing";
      await fit(parts.model, { ...runOf(parts), callbacks }).catch((error) => {
        caught = error;
      });
      expect(caught).toBeUndefined();
    }));

  test("beside errors of the loop, of the data, of a model that cannot end, of a signal", () =>
    withParts(rt, async (parts) => {
      const callbacks = {
        onEnd() {
          throw new Error("of onEnd");
        },
      };
      const run = { ...runOf(parts), callbacks };
      const poison = { onProgress: () => (parts.model.parameters()[0] as Parameter).update((w) => void w.fill(Number.NaN)) };
      const before = parts.model.parameters()[0]?.toArray() as Float32Array;
      await expect(fit(parts.model, { ...run, callbacks: [callbacks, poison] })).rejects.toBeInstanceOf(NonFiniteError);
      parts.model.parameters()[0]?.set(before);
      const data = (function* () {
        yield* sequences(5);
        throw new Error("of the source");
      })();
      await expect(fit(parts.model, { ...run, data, epochs: 1 })).rejects.toThrow("of the source");
      await expect(fit(parts.model, { ...run, signal: AbortSignal.abort(new Error("of the signal")) })).rejects.toThrow("of the signal");
      const stubborn = () => {
        throw new Error("of eval");
      };
      Object.defineProperty(parts.model, "eval", { value: stubborn, configurable: true });
      const { validation: _, ...plain } = run;
      const thrower = {
        onProgress() {
          throw new Error("of onProgress");
        },
      };
      await expect(fit(parts.model, { ...plain, callbacks: [thrower, callbacks] })).rejects.toThrow("of onProgress");
      Reflect.deleteProperty(parts.model, "eval");
    }));

  test("a save that throws ends the training with its error", () =>
    withParts(rt, async (parts) => {
      const save = () => Promise.reject(new Error("disk full"));
      await expect(fit(parts.model, { ...runOf(parts), checkpoint: { save, every: 2 } })).rejects.toThrow("disk full");
      expectLeft(parts);
    }));
});

/** The moments at which a signal is given, each by options that abort there. */
type Moment = (abort: () => void, parts: Parts) => Partial<FitOptions>;

/** Aborts when it has been called so often. */
const after = (times: number, abort: () => void) => {
  let calls = 0;
  return () => void (++calls === times && abort());
};

const MOMENTS: Record<string, { moment: Moment; steps: number; epochs: number }> = {
  "the first batch": { moment: (abort) => ({ callbacks: { onProgress: after(1, abort) } }), steps: 1, epochs: 0 },
  "the middle of an accumulation": { moment: (abort) => ({ callbacks: { onProgress: after(4, abort) } }), steps: 2, epochs: 0 },
  "the last batch of an epoch": { moment: (abort) => ({ callbacks: { onProgress: after(8, abort) } }), steps: 3, epochs: 0 },
  "the end of an epoch": { moment: (abort) => ({ callbacks: { onEpoch: after(1, abort) } }), steps: 3, epochs: 1 },
  "the end of the last epoch": { moment: (abort) => ({ callbacks: { onEpoch: after(4, abort) } }), steps: 12, epochs: 4 },
  "a validation": {
    moment: (abort) => {
      const within = after(8, abort); // the second validation's second sample
      const samples = sequences(6, 6);
      const validation = () =>
        (async function* () {
          for (const sample of samples) {
            within();
            yield sample;
          }
        })();
      return { validation };
    },
    ...{ steps: 6, epochs: 1 },
  },
  "the source of samples": {
    moment: (abort) => {
      const within = after(33, abort); // the second epoch's third sample
      const samples = sequences(30);
      const data = () =>
        (function* () {
          for (const sample of samples) {
            within();
            yield sample;
          }
        })();
      return { data };
    },
    ...{ steps: 4, epochs: 1 },
  },
  "a step of the schedule": {
    moment: (abort, { schedule }) => {
      const within = after(2, abort);
      const step = () => {
        schedule?.step();
        within();
      };
      return { schedule: { step, state: () => schedule?.state(), load: (state: never) => schedule?.load(state) } };
    },
    ...{ steps: 6, epochs: 2 },
  },
};

describe.each(Object.entries(MOMENTS))("a signal in %s", (_, { moment, steps, epochs }) => {
  test.each([undefined, 1, 1000])("checkpoints every %s steps: stops there, and goes on to the bits of the whole run", async (every) => {
    const options = { accumulate: 3 }; // steps of 3, 3 and 2 batches
    // A function of samples is not shuffled: the whole run has the same source, without a signal.
    const whole = await withParts(rt, async (parts) => {
      const history = await fit(parts.model, { ...runOf(parts), ...options, ...moment(() => {}, parts) });
      return { state: stateOf(parts), epochs: history.epochs };
    });
    let bytes = new Uint8Array();
    const save = async (now: Uint8Array) => {
      await null;
      bytes = now.slice();
    };
    const checkpoint = every === undefined ? { save } : { save, every };
    const controller = new AbortController();
    await withParts(rt, async (parts) => {
      const reason = new Error("enough");
      const run = { ...runOf(parts), ...options, ...moment(() => controller.abort(reason), parts) };
      await expect(fit(parts.model, { ...run, checkpoint, signal: controller.signal })).rejects.toBe(reason);
      expectLeft(parts);
      expect(parts.optimizer.state().step).toBe(steps);
    });
    await withParts(
      rt,
      async (parts) => {
        const history = await fit(parts.model, { ...runOf(parts), ...options, ...moment(() => {}, parts), resume: bytes });
        expect(history.resumedFrom).toEqual({ step: steps, build: rt.build });
        expect(history.epochs).toEqual(whole.epochs);
        expect(history.epochs.length).toBeGreaterThanOrEqual(epochs);
        expect(stateOf(parts)).toEqual(whole.state);
      },
      77,
    );
  });
});

describe("a signal", () => {
  test("given before: nothing is read, nothing saved, nothing changed", () =>
    withParts(rt, async (parts) => {
      const before = stateOf(parts);
      const saved: unknown[] = [];
      const data = () => {
        throw new Error("read");
      };
      const run = { ...runOf(parts), data, checkpoint: { save: () => void saved.push(1) } };
      await expect(fit(parts.model, { ...run, signal: AbortSignal.abort("before") })).rejects.toBe("before");
      await expect(fit(parts.model, { ...run, signal: otherRealm("theirs") })).rejects.toBe("theirs");
      expect(saved).toEqual([]);
      expect(stateOf(parts)).toEqual(before);
    }));

  test.each([
    [2, 2],
    [3, 3],
    [12, 12],
  ])("in the saving of checkpoint %i: no step is taken after it", (which, steps) =>
    withParts(rt, async (parts) => {
      const controller = new AbortController();
      const seen: Uint8Array[] = [];
      const save = async (bytes: Uint8Array) => {
        seen.push(bytes.slice());
        if (seen.length !== which) return;
        await new Promise((resolve) => void setTimeout(resolve, 1));
        controller.abort(new Error("saving"));
      };
      const run = { ...runOf(parts), accumulate: 3, checkpoint: { save, every: 1 }, signal: controller.signal };
      await expect(fit(parts.model, run)).rejects.toThrow("saving");
      expect(parts.optimizer.state().step).toBe(steps);
      const last = seen.at(-1) as Uint8Array;
      await withParts(rt, async (fresh) => {
        const { resumedFrom } = await fit(fresh.model, { ...runOf(fresh), accumulate: 3, resume: last });
        expect(resumedFrom?.step).toBe(steps);
      });
    }));

  test("at random moments, again and again: the same bits", async () => {
    const whole = await withParts(rt, async (parts) => {
      const { epochs } = await fit(parts.model, runOf(parts));
      return { epochs, state: stateOf(parts) };
    });
    const random = new Generator(11);
    let resume: Uint8Array | false = false;
    for (let i = 0; i < 100; i++) {
      const ended: unknown = await withParts(
        rt,
        async (parts) => {
          const controller = new AbortController();
          const checkpoint = {
            save: (now: Uint8Array) => {
              resume = now.slice();
            },
          };
          const callbacks = { onProgress: after(1 + random.integer(4), () => controller.abort(new Error("enough"))) };
          const { signal } = controller;
          try {
            const { epochs } = await fit(parts.model, { ...runOf(parts), checkpoint, callbacks, signal, resume });
            return { epochs, state: stateOf(parts) };
          } catch (error) {
            expect((error as Error).message).toBe("enough");
            return undefined;
          }
        },
        9 + i,
      );
      if (ended === undefined) continue;
      expect(ended).toEqual(whole);
      return;
    }
    expect.fail("never ended");
  });
});

/** A signal that is no heir of this realm's class, as an iframe's is. */
function otherRealm(reason: string): AbortSignal {
  const real = AbortSignal.abort(reason);
  return {
    ...{ aborted: true, reason, throwIfAborted: () => real.throwIfAborted() },
    ...{ addEventListener: () => {}, removeEventListener: () => {} },
  } as unknown as AbortSignal;
}
