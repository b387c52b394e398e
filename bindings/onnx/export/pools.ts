/** From a sequence to one row for each. */
import type { Place } from "./place.js";

/** What time is taken by. */
export type PoolKind = "last" | "mean" | "max";

export function addPool(place: Place, kind: PoolKind): void {
  const { value, layout } = place.flow;
  const axis = layout === "time first" ? 0 : 1;
  place.gives(place.options.lengths ? upTo(place, kind, axis) : whole(place, kind, value, axis), undefined, "rows");
}

function whole(place: Place, kind: PoolKind, value: string, axis: number): string {
  if (kind === "last") return place.node("Gather", [value, place.graph.integers([-1], [])], { axis: { i: axis } });
  return place.node(kind === "mean" ? "ReduceMean" : "ReduceMax", [value], { axes: { ints: [axis] }, keepdims: { i: 0 } });
}

/** What lies behind a sequence's end may be anything, NaN too: it is not multiplied away but left out. */
function upTo(place: Place, kind: PoolKind, axis: number): string {
  const { graph, flow } = place;
  const lengths = place.node("Cast", ["lengths"], { to: { i: 7 } });
  const last = kind === "last" ? place.node("Sub", [lengths, graph.integers([1])]) : lengths;
  const counts = axis === 0 ? last : place.node("Unsqueeze", [last, graph.integers([1])]); // [N] or [N, 1]
  const chosen = place.node(kind === "last" ? "Equal" : "Less", [steps(place, axis), counts]);
  const mask = place.node("Unsqueeze", [chosen, graph.integers([2])]);
  const other = place.constant("nothing", Float32Array.of(kind === "max" ? Number.NEGATIVE_INFINITY : 0), []);
  const values = place.node("Where", [mask, flow.value, other]);
  if (kind === "max") return place.node("ReduceMax", [values], { axes: { ints: [axis] }, keepdims: { i: 0 } });
  const sum = place.node("ReduceSum", [values, graph.integers([axis])], { keepdims: { i: 0 } });
  if (kind === "last") return sum;
  const divisor = place.node("Unsqueeze", [place.node("Cast", ["lengths"], { to: { i: 1 } }), graph.integers([1])]);
  return place.node("Div", [sum, divisor]);
}

/** 0 … T − 1: [T, 1] where time is first, else [T]. */
function steps(place: Place, axis: number): string {
  const { graph, flow } = place;
  const T = place.node("Gather", [place.node("Shape", [flow.value]), graph.integers([axis], [])]);
  const range = place.node("Range", [graph.integers([0], []), T, graph.integers([1], [])]);
  return axis === 0 ? place.node("Unsqueeze", [range, graph.integers([1])]) : range;
}
