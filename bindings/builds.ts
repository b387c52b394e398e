/** The builds of the kernels. */
export const BUILDS = ["baseline", "relaxed", "debug"] as const;

/** `baseline`: SIMD. `relaxed`: SIMD with fused multiply-add. `debug`: SIMD, asserts on. */
export type BuildName = (typeof BUILDS)[number];
