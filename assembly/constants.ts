/**
 * Constants of math.ts, in memory: a load that fills all lanes is one instruction. A v128 constant in the code is made anew at
 * each use by V8's newer compiler, three instructions each (measured on Node 24, f32, baseline: sigmoid 0.51 elements/ns with
 * constants in the code, 1.03 with these; relaxed 0.62 and 1.41; on Node 20 1.11 and 1.05).
 *
 * The polynomials are minimax, by our own Remez exchange; math.ts says of what.
 */
import { loadSplat } from "./vec";

// What f32 and f64 both have, in one order; then each one's polynomials, highest power first.
const SINGLE = memory.data<f32>([
  1,
  3,
  0.5,
  Infinity,
  1.4426950408889634,
  2.8853900817779268,
  0.6931471805599453,
  0.693145751953125,
  1.428606765330187e-6,
  12582912,
  12583039,
  88.72283172607422,
  87.72283172607422,
  -87.33654022216797,
  88,
  -87.66,
  -9.1,
  1.1754943508222875e-38,
  8388608,
  8388735,
  32,
  0.00138378632, 0.0416677482, 0.49999997,
  0.00836708769, 0.16666539,
  0.303637505, 0.399576783, 0.666669488,
]);
const DOUBLE = memory.data<f64>([
  1,
  3,
  0.5,
  Infinity,
  1.4426950408889634,
  2.8853900817779268,
  0.6931471805599453,
  0.6931471805598903,
  5.497923018708371e-14,
  6755399441055744,
  6755399441056767,
  709.782712893384,
  708.782712893384,
  -708.3964185322641,
  709,
  -708.71,
  -19.5,
  2.2250738585072014e-308,
  4503599627370496,
  4503599627371519,
  64,
  2.08789220625224e-9, 2.7557387125637266e-7, 2.4801587198005672e-5, 0.0013888888888942822, 0.041666666666666574, 0.5,
  2.5108732537119792e-8, 2.7557245173717717e-6, 0.00019841269885049345, 0.008333333333322123, 0.16666666666666677,
  -2.3190468138462996e-17,
  0.15368392718653484, 0.15250163024042449, 0.1818635732207535, 0.22222138471785585, 0.28571429395639897, 0.3999999999615986, 0.6666666666667271,
]);
// Bit patterns.
const SINGLE_BITS = memory.data<u32>([
  0x80000000, 0x007fffff, 0x3f2aaaab, 0x555555, 0x10000000,
]);
const DOUBLE_BITS = memory.data<u64>([
  0x8000000000000000, 0x000fffffffffffff, 0x3fe5555555555555, 0xaaaaaaaaaaaab, 0x400000000000000,
]);

// @ts-ignore: decorator
@inline export const ONE: usize = 0;
// @ts-ignore: decorator
@inline export const THREE: usize = 1;
// @ts-ignore: decorator
@inline export const HALF: usize = 2;
// @ts-ignore: decorator
@inline export const INF: usize = 3;
/** Log2(e). */
// @ts-ignore: decorator
@inline export const LOG2E: usize = 4;
/** 2·log2(e). */
// @ts-ignore: decorator
@inline export const TWO_LOG2E: usize = 5;
// @ts-ignore: decorator
@inline export const LN2: usize = 6;
/** The leading 15 (f64: 42) bits of ln 2: its product with any n of an exponent is exact. Source: Cody–Waite. */
// @ts-ignore: decorator
@inline export const LN2_HIGH: usize = 7;
/** Ln 2 − LN2_HIGH, to within 2^−44 (f64: 2^−102). */
// @ts-ignore: decorator
@inline export const LN2_LOW: usize = 8;
/** 1.5·2^(mantissa bits): a sum with it has integer spacing, for summands of either sign. */
// @ts-ignore: decorator
@inline export const MAGIC: usize = 9;
/** The same plus the exponent bias, so that (2) is a float 2^n after the shift alone; 0 at n = −bias. */
// @ts-ignore: decorator
@inline export const MAGIC_BIASED: usize = 10;
/** The greatest x with a finite e^x. */
// @ts-ignore: decorator
@inline export const EXP_MOST: usize = 11;
// @ts-ignore: decorator
@inline export const EXP_MOST_LESS_ONE: usize = 12;
/** The least x with a normal e^x. */
// @ts-ignore: decorator
@inline export const EXP_LEAST: usize = 13;
/** There n ≥ −bias. */
// @ts-ignore: decorator
@inline export const SIGMOID_MOST: usize = 14;
/** 126.47·ln2 (1022.45·ln2): 3·2^n is finite but 3·e^−x overflows, and 3/∞ = 0. */
// @ts-ignore: decorator
@inline export const SIGMOID_LEAST: usize = 15;
/** Beyond it tanh has long been ±1. */
// @ts-ignore: decorator
@inline export const TANH_LEAST: usize = 16;
// @ts-ignore: decorator
@inline export const LEAST_NORMAL: usize = 17;
/** 2^(mantissa bits). */
// @ts-ignore: decorator
@inline export const TWO_MANTISSA: usize = 18;
/** The same plus the exponent bias. */
// @ts-ignore: decorator
@inline export const TWO_MANTISSA_BIASED: usize = 19;
/** The exponent by which log scales subnormal x. */
// @ts-ignore: decorator
@inline export const RESCALED: usize = 20;

/** First of the coefficients, f32 and f64. */
// @ts-ignore: decorator
@inline export const EXPM1_EVEN_32: usize = 21;
// @ts-ignore: decorator
@inline export const EXPM1_EVEN_64: usize = 21;
// @ts-ignore: decorator
@inline export const EXPM1_ODD_32: usize = 24;
// @ts-ignore: decorator
@inline export const EXPM1_ODD_64: usize = 27;
// @ts-ignore: decorator
@inline export const ATANH_32: usize = 26;
// @ts-ignore: decorator
@inline export const ATANH_64: usize = 33;
/** LN2 − ln 2 in f64: what one piece leaves out, for tanh. */
// @ts-ignore: decorator
@inline export const TANH_LOW_64: usize = 32;

// @ts-ignore: decorator
@inline export const SIGN: usize = 0;
// @ts-ignore: decorator
@inline export const MANTISSA_BITS: usize = 1;
/** 2/3. */
// @ts-ignore: decorator
@inline export const TWO_THIRDS: usize = 2;
/** The distance from 2/3 to 1. */
// @ts-ignore: decorator
@inline export const ONE_LESS_TWO_THIRDS: usize = 3;
/** What multiplies by 2^32 (2^64), added to an exponent. */
// @ts-ignore: decorator
@inline export const RESCALE: usize = 4;

/** A constant in all lanes: its f32 or its f64 value. */
// @ts-ignore: decorator
@inline export function both<T extends number>(index: usize): v128 {
  if (sizeof<T>() == 4) return loadSplat<f32>(SINGLE + 4 * index);
  return loadSplat<f64>(DOUBLE + 8 * index);
}

/** A bit pattern in all lanes. */
// @ts-ignore: decorator
@inline export function bits<T extends number>(index: usize): v128 {
  if (sizeof<T>() == 4) return loadSplat<f32>(SINGLE_BITS + 4 * index);
  return loadSplat<f64>(DOUBLE_BITS + 8 * index);
}
