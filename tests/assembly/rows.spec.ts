import { gatherRows, scatterAddRows, scatterRows } from "../../assembly/rows";
import { at, clear, constant, differ, list, not, overruns, random, rounded } from "./numbers";

const GATHER = 0, SCATTER = 1, ADD = 2;

/** Rows of `width` in rows of `ldd` and `lds`, some of more: what lies between them stays. */
function wrongRows<T extends number>(kind: i32, indexed: bool, width: i32): i32 {
  clear();
  const M = 4, R = 6, ldd = width + 3, lds = width + 2;
  const order = [5, 0, 3, 2], index = list<u32>([5, 0, 3, 2]);
  const dst = random<T>(R * ldd, 1), before = random<T>(R * ldd, 1), src = random<T>(R * lds, 2), same = random<T>(R * lds, 2);
  if (kind == GATHER) gatherRows<T>(dst, ldd, src, lds, indexed ? index : 0, M, width);
  else if (kind == SCATTER) scatterRows<T>(dst, ldd, src, lds, indexed ? index : 0, M, width);
  else scatterAddRows<T>(dst, ldd, src, lds, indexed ? index : 0, M, width);
  const want = constant<T>(R * ldd, 0);
  memory.copy(want, before, usize(R * ldd) * sizeof<T>());
  for (let m = 0; m < M; ++m) {
    const other = indexed ? order[m] : m;
    const to = kind == GATHER ? m : other, from = kind == GATHER ? other : m;
    for (let j = 0; j < width; ++j) {
      const x = at<T>(src, from * lds + j) + (kind == ADD ? at<T>(before, to * ldd + j) : 0);
      store<T>(want + usize(to * ldd + j) * sizeof<T>(), <T>x);
    }
  }
  let count = overruns() + differ<T>(src, same, R * lds);
  for (let i = 0; i < R * ldd; ++i) count += not(at<T>(dst, i), rounded<T>(at<T>(want, i)));
  return count;
}

function all<T extends number>(kind: i32): i32 {
  let count = 0;
  for (let width = 1; width <= 18; ++width) count += wrongRows<T>(kind, true, width) + wrongRows<T>(kind, false, width);
  return count;
}

describe("rows, 1 to 18 wide, with an index and without", () => {
  it("gather, f32", () => expect<i32>(all<f32>(GATHER)).toBe(0));
  it("gather, f64", () => expect<i32>(all<f64>(GATHER)).toBe(0));
  it("scatter, f32", () => expect<i32>(all<f32>(SCATTER)).toBe(0));
  it("scatter, f64", () => expect<i32>(all<f64>(SCATTER)).toBe(0));
  it("scatter-add, f32", () => expect<i32>(all<f32>(ADD)).toBe(0));
  it("scatter-add, f64", () => expect<i32>(all<f64>(ADD)).toBe(0));
});
