import * as V from "./vec";
export function f32t(p: usize, n: i32): f32 { let acc = V.zero(); acc = V.madd<f32>(V.vloadPart<f32>(p, n), V.loadSplat<f32>(p, 4), acc); V.vstorePart<f32>(p, acc, n); return V.hsum<f32>(acc) + V.hmax<f32>(acc); }
export function f64t(p: usize, n: i32): f64 { let acc = V.zero(); acc = V.madd<f64>(V.vloadPart<f64>(p, n), V.loadSplat<f64>(p, 4), acc); V.vstorePart<f64>(p, acc, n); acc = V.shlBits<f64>(V.addBits<f64>(acc, V.splatBits<f64>(0x3ff)), 52); return V.hsum<f64>(acc)+ V.hmax<f64>(acc); }
