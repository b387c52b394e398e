/**
 * Block sizes of the products: what stays in which cache, and where sums are cut.
 */

/**
 * Rows of A that meet all panels of B before the next rows do: with K up to 1,000 they lie in L2 (96 KB of f32) beside a panel of B,
 * and A comes from memory once. Whole tiles: a multiple of 6 and of 4. Sums are not cut. (Measured on Node 24, relaxed,
 * 6400×1024×256: all rows at once 87 ms, 96 rows 61.4, 48 rows 61.0, 24 rows 59.9.)
 */
// @ts-ignore: decorator
@inline export const ROW_BLOCK: i32 = 24;

/** Rows of Aᵀ·B in a block: one panel of B (8 KB) stays in L1 while the panels of A stream past it. Sums are cut here. */
// @ts-ignore: decorator
@inline export const K_BLOCK: i32 = 256;

/** Rows of A and B after which sums are added to C: 32 blocks, so that a million rows make chains of 256, 32 and 123 additions. */
// @ts-ignore: decorator
@inline export const K_STRETCH: i32 = 32 * K_BLOCK;

/** Rows that are summed in T before they are taken to f64: a conversion is spared, at an error of 64 roundings at most. */
// @ts-ignore: decorator
@inline export const S_BLOCK: i32 = 64;
