/**
 * The ABI of sequence learning: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/sequence-learning.ts is the only place that knows these names and positions.
 */
import { ctc, ctcTape } from "./heads/ctc";

export function ctc_f32(dz: usize, z: usize, labels: usize, tape: usize, ld: i32, T: i32, C: i32, S: i32, blank: i32, scale: f64, impossible: f64): f64 { return ctc<f32>(dz, z, labels, tape, ld, T, C, S, blank, scale, impossible); }
export function ctc_f64(dz: usize, z: usize, labels: usize, tape: usize, ld: i32, T: i32, C: i32, S: i32, blank: i32, scale: f64, impossible: f64): f64 { return ctc<f64>(dz, z, labels, tape, ld, T, C, S, blank, scale, impossible); }
export function ctc_tape_f32(T: i32, C: i32, S: i32): f64 { return ctcTape<f32>(T, C, S); }
export function ctc_tape_f64(T: i32, C: i32, S: i32): f64 { return ctcTape<f64>(T, C, S); }
