import { checkTokens, embeddingBackward, embeddingForward } from "../../assembly/ops/embedding";
import { at, clear, constant, copy, differ, list, not, overruns, random, rounded, wrong } from "./numbers";

const V = 6;

/** Tokens with repetitions, one of them thrice; rows that no token names must not change by a bit. */
function wrongEmbeddings<T extends number>(E: i32, padding: i32): i32 {
  clear();
  const tokens = [0, 5, 2, 5, 0, 5, 3], M = tokens.length;
  const index = list<i32>(tokens), w = random<T>(V * E, 1), y = constant<T>(M * E, -77);
  const dw = random<T>(V * E, 2), before = copy<T>(dw, V * E), dy = random<T>(M * E, 3), same = copy<T>(dy, M * E);
  embeddingForward<T>(y, index, w, M, E);
  // The scratch holds rubbish: a call may find what another has left there.
  embeddingBackward<T>(dw, constant<i32>(V + M, 12345), constant<f64>(E, 1e9), dy, index, M, V, E, padding);
  let count = overruns() + differ<T>(dy, same, M * E);
  for (let j = 0; j < E; ++j) {
    for (let m = 0; m < M; ++m) count += not(at<T>(y, m * E + j), at<T>(w, tokens[m] * E + j)); // (1)
    for (let v = 0; v < V; ++v) {
      let sum: f64 = 0;
      for (let m = 0; m < M; ++m) if (tokens[m] == v && v != padding) sum += at<T>(dy, m * E + j);
      count += not(at<T>(dw, v * E + j), rounded<T>(at<T>(before, v * E + j) + sum)); // (2), rounded once
    }
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let E = 1; E <= 18; ++E) for (let padding = -1; padding < V; ++padding) count += wrongEmbeddings<T>(E, padding);
  return count;
}

/** A token a million times: in f32 the sum would stand still. */
function wrongLongSum(): i32 {
  clear();
  const M = 1000000, dw = constant<f32>(1, 0), tokens = constant<i32>(M, 0), dy = constant<f32>(M, 0.1);
  embeddingBackward<f32>(dw, constant<i32>(1 + M, 0), constant<f64>(1, 0), dy, tokens, M, 1, 1, -1);
  return wrong<f32>(at<f32>(dw, 0), M * rounded<f32>(0.1), 1, 0);
}

describe("embedding, rows of 1 to 18", () => {
  it("copies rows, adds gradients in f64, leaves the padding row alone, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("copies rows, adds gradients in f64, leaves the padding row alone, f64", () => expect<i32>(all<f64>()).toBe(0));
  it("sums a million gradients", () => expect<i32>(wrongLongSum()).toBe(0));
  it("finds the first token out of range", () => {
    clear();
    expect<i32>(checkTokens(list<i32>([0, 9, 5]), 3, 10)).toBe(-1);
    expect<i32>(checkTokens(list<i32>([10, 1, 11]), 3, 10)).toBe(0);
    expect<i32>(checkTokens(list<i32>([3, -1, 99]), 3, 10)).toBe(1);
    expect<i32>(checkTokens(list<i32>([3, 4, i32.MAX_VALUE]), 3, 10)).toBe(2);
    expect<i32>(checkTokens(list<i32>([3, 4, i32.MIN_VALUE]), 2, 10)).toBe(-1);
  });
});
