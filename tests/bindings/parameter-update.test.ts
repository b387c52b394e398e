/** update(): no write is lost, whatever the callback does. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ArgumentError, Dense, type Parameter, type Runtime, SGD, ShapeError } from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, testRuntime } from "../helpers/runtime.js";

describe.each(DTYPES)("update in %s", (dtype) => {
  let rt: Runtime;
  let dense: Dense;
  let weight: Parameter;
  beforeEach(async () => {
    rt = await testRuntime();
    dense = new Dense(rt, { inputSize: 2, outputSize: 2, dtype });
    weight = dense.parameters()[0] as Parameter;
    weight.set([1, 2, 3, 4]);
  });
  afterEach(() => rt.dispose());

  const values = () => [...weight.toArray()];
  /** Makes memory grow: every view of it is detached. */
  const grow = () => {
    const before = rt.memory.byteLength;
    rt.zeros([before]);
    expect(rt.memory.byteLength).toBeGreaterThan(before);
  };

  test("writes before and after memory has grown", () => {
    weight.update((w) => {
      w[0] = 10;
      grow();
      w[1] = 20;
      expect([...w]).toEqual([10, 20, 3, 4]);
      grow();
      w[3] = 40;
    });
    expect(values()).toEqual([10, 20, 3, 40]);
  });

  test("within an update of the same parameter: both are kept, the outer going first where both write", () => {
    weight.update((outer) => {
      outer[0] = 10;
      weight.update((inner) => {
        inner[1] = 20;
        inner[2] = 30;
        grow();
        weight.update((innermost) => {
          innermost[3] = 40;
        });
      });
      outer[2] = 33;
    });
    expect(values()).toEqual([10, 20, 33, 40]);
  });

  test("beside a set, an optimizer's step, another parameter's update", () => {
    weight.update((w) => {
      weight.set([5, 6, 7, 8]);
      w[0] = 10;
    });
    expect(values()).toEqual([10, 6, 7, 8]);
    const [, bias] = dense.parameters() as [Parameter, Parameter];
    bias.set([0, 0]);
    const sgd = new SGD([weight], { lr: 1 });
    dense.forward(rt.tensor([1, 1], [1, 2], { dtype }));
    dense.backward(rt.tensor([1, 2], [1, 2], { dtype }));
    weight.update((w) => {
      sgd.step(); // less 1, 1, 2, 2
      bias.update((b) => void b.fill(9));
      w[3] = 0;
    });
    expect(values()).toEqual([9, 5, 5, 0]);
    expect([...bias.toArray()]).toEqual([9, 9]);
  });

  test("a callback that throws: its error, and what it has written", () => {
    const act = () =>
      weight.update((w) => {
        w[0] = 10;
        grow();
        w[1] = 20;
        throw new Error("half way");
      });
    expect(act).toThrow("half way");
    expect(values()).toEqual([10, 20, 3, 4]);
  });

  test("NaN, negative zero and infinity are values", () => {
    weight.update((w) => void w.set([Number.NaN, -0, Number.POSITIVE_INFINITY, 0]));
    expect(values()).toEqual([Number.NaN, -0, Number.POSITIVE_INFINITY, 0]);
    weight.update((w) => void w.fill(0, 1, 2));
    expect(values()).toEqual([Number.NaN, 0, Number.POSITIVE_INFINITY, 0]);
  });

  test("the array kept is a copy: writing later writes nothing", () => {
    let kept: ArrayLike<number> & { fill(value: number): unknown } = new Float32Array();
    weight.update((w) => {
      kept = w;
    });
    kept.fill(0);
    expect(values()).toEqual([1, 2, 3, 4]);
  });

  test("the layer follows", () => {
    const x = rt.tensor([1, 1], [1, 2], { dtype });
    dense.parameters()[1]?.set([0, 0]);
    expect([...dense.forward(x).toArray()]).toEqual([3, 7]);
    weight.update((w) => void w.fill(0, 3, 4));
    expect([...dense.forward(x).toArray()]).toEqual([3, 3]);
  });

  test("what is no function, or not over when it returns, is refused", () => {
    for (const bad of [undefined, null, 5, "x", {}]) {
      expectRefusal(() => weight.update(bad as never), ArgumentError, "change: expected a function, got ");
    }
    const late = async () => {
      await null;
    };
    expectRefusal(() => weight.update(late as never), ArgumentError, "change: expected a function that is over when it returns");
    expect(values()).toEqual([1, 2, 3, 4]);
  });

  test("set: array-likes that lie about their length, or change as they are read", () => {
    const lies: [unknown, typeof ArgumentError, string][] = [
      [{ length: 4, 0: 1, 1: 2, 2: 3 }, ArgumentError, "weight[3]: expected a number"],
      [{ length: 2 ** 40 }, ShapeError, "weight: expected 4 elements"],
      [{ length: -1 }, ShapeError, "weight: expected 4 elements, got -1"],
      [{ length: "4" }, ArgumentError, "weight: expected an array of numbers"],
      [{ length: Number.NaN }, ShapeError, "weight: expected 4 elements, got NaN"],
      // biome-ignore lint/suspicious/noSparseArray: the hole is meant
      [[1, , 3, 4], ArgumentError, "weight[1]: expected a number"],
      [["1", "2", "3", "4"], ArgumentError, "weight[0]: expected a number"],
      ["1234", ArgumentError, "weight: expected an array of numbers"],
      [new BigInt64Array(4), ArgumentError, "weight: expected an array of numbers"],
    ];
    for (const [data, type, text] of lies) expectRefusal(() => weight.set(data as never), type, text);
    let reads = 0;
    const growing = {
      get length() {
        return reads++ === 0 ? 4 : 5;
      },
      ...{ 0: 5, 1: 6, 2: 7, 3: 8, 4: 9 },
    };
    weight.set(growing);
    expect(values()).toEqual([5, 6, 7, 8]);
    let asked = 0;
    const turning = [1, 1, 1, 1];
    Object.defineProperty(turning, 2, { get: () => (asked++ === 0 ? 1 : "x") });
    weight.set(turning);
    expect(values()).toEqual([1, 1, 1, 1]);
  });
});
