/**
 * The ABI of the further cells: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/more-cells.ts is the only place that knows these names and positions.
 */
import { Sequence } from "./layout";
import { lstmpBackward, lstmpForward } from "./sequence/loop";

// f32
export function lstmp_forward_f32(s: Sequence): void { lstmpForward<f32, f32>(s); }
export function lstmp_backward_f32(s: Sequence): void { lstmpBackward<f32>(s); }

// f64
export function lstmp_forward_f64(s: Sequence): void { lstmpForward<f64, f64>(s); }
export function lstmp_backward_f64(s: Sequence): void { lstmpBackward<f64>(s); }
