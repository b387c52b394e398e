/** The builds of the kernels. */
export const BUILDS = ["baseline", "relaxed", "debug"] as const;

/** `baseline`: SIMD. `relaxed`: SIMD with fused multiply-add. `debug`: SIMD, asserts on. */
export type BuildName = (typeof BUILDS)[number];

/** What a binary computes in: f32 alone, or f64 and f32. */
export type Precision = "f32" | "f64";
