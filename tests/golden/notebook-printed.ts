/*
 * What the notebook prints, digit by digit. Arrays were printed with 8 decimals (fewer where the rest are zeros), scalars with 17 digits.
 * Indices are the notebook's: hidden unit first, sample second, time last. `draws` are the arguments of the cell's np.random.randn calls,
 * in their order, all from np.random.seed(1): the n-th array is the n-th consecutive slice of notebook.json, row-major.
 */

export const rnnCellForward = {
  draws: { xt: [3, 10], aPrev: [5, 10], Waa: [5, 5], Wax: [5, 3], Wya: [2, 5], ba: [5, 1], by: [2, 1] },
  aNext4: [0.59584544, 0.18141802, 0.61311866, 0.99808218, 0.85016201, 0.99980978, -0.18887155, 0.99815551, 0.6531151, 0.82872037],
  aNextShape: [5, 10],
  ytPred1: [0.9888161, 0.01682021, 0.21140899, 0.36817467, 0.98988387, 0.88945212, 0.36920224, 0.9966312, 0.9982559, 0.17746526],
  ytPredShape: [2, 10],
} as const;

export const rnnForward = {
  draws: { x: [3, 10, 4], a0: [5, 10], Waa: [5, 5], Wax: [5, 3], Wya: [2, 5], ba: [5, 1], by: [2, 1] },
  a4_1: [-0.99999375, 0.77911235, -0.99861469, -0.99833267],
  aShape: [5, 10, 4],
  yPred1_3: [0.79560373, 0.86224861, 0.11118257, 0.81515947],
  yPredShape: [2, 10, 4],
  /** x[1][3], by way of the caches */
  caches1_1_3: [-1.1425182, -0.34934272, -0.20889423, 0.58662319],
  cachesLength: 2,
} as const;

export const lstmCellForward = {
  draws: {
    xt: [3, 10],
    aPrev: [5, 10],
    cPrev: [5, 10],
    Wf: [5, 8],
    bf: [5, 1],
    Wi: [5, 8],
    bi: [5, 1],
    Wo: [5, 8],
    bo: [5, 1],
    Wc: [5, 8],
    bc: [5, 1],
    Wy: [2, 5],
    by: [2, 1],
  },
  aNext4: [-0.66408471, 0.0036921, 0.02088357, 0.22834167, -0.85575339, 0.00138482, 0.76566531, 0.34631421, -0.00215674, 0.43827275],
  /** Printed as "a_next.shape", of c_next; they are the same. */
  aNextShape: [5, 10],
  cNext2: [0.63267805, 1.00570849, 0.35504474, 0.20690913, -1.64566718, 0.11832942, 0.76449811, -0.0981561, -0.74348425, -0.26810932],
  cNextShape: [5, 10],
  yt1: [0.79913913, 0.15986619, 0.22412122, 0.15606108, 0.97057211, 0.31146381, 0.00943007, 0.12666353, 0.39380172, 0.07828381],
  ytShape: [2, 10],
  /** c_next[3], by way of the cache */
  cache1_3: [-0.16263996, 1.03729328, 0.72938082, -0.54101719, 0.02752074, -0.30821874, 0.07651101, -1.03752894, 1.41219977, -0.37647422],
  cacheLength: 10,
} as const;

export const lstmForward = {
  /** The initial cell is zero. */
  draws: {
    x: [3, 10, 7],
    a0: [5, 10],
    Wf: [5, 8],
    bf: [5, 1],
    Wi: [5, 8],
    bi: [5, 1],
    Wo: [5, 8],
    bo: [5, 1],
    Wc: [5, 8],
    bc: [5, 1],
    Wy: [2, 5],
    by: [2, 1],
  },
  a4_3_6: 0.17211776753291672,
  aShape: [5, 10, 7],
  y1_4_3: 0.9508734618501101,
  yShape: [2, 10, 7],
  /** x[1][1], by way of the caches */
  caches1_1_1: [0.82797464, 0.23009474, 0.76201118, -0.22232814, -0.20075807, 0.18656139, 0.41005165],
  c1_2_1: -0.8555449167181981,
  cachesLength: 2,
} as const;

export const rnnCellBackward = {
  draws: { xt: [3, 10], aPrev: [5, 10], Wax: [5, 3], Waa: [5, 5], Wya: [2, 5], ba: [5, 1], by: [2, 1], daNext: [5, 10] },
  dxt1_2: -1.3872130506020928,
  dxtShape: [3, 10],
  daPrev2_3: -0.15239949377395473,
  daPrevShape: [5, 10],
  dWax3_1: 0.41077282493545836,
  dWaxShape: [5, 3],
  // Erroneous: the cell computes dtanh·da_prevᵀ, the derivative is dtanh·a_prevᵀ and its entry 1.15034506…
  dWaa1_2: 1.0470184237718851,
  dWaaShape: [5, 5],
  dba4: [0.20023491],
  dbaShape: [5, 1],
} as const;

export const rnnBackward = {
  draws: { x: [3, 10, 4], a0: [5, 10], Wax: [5, 3], Waa: [5, 5], Wya: [2, 5], ba: [5, 1], by: [2, 1], da: [5, 10, 4] },
  dx1_2: [-2.07101689, -0.59255627, 0.02466855, 0.01483317],
  dxShape: [3, 10, 4],
  da0_2_3: -0.31494237512664996,
  da0Shape: [5, 10],
  dWax3_1: 11.264104496527777,
  dWaxShape: [5, 3],
  // Erroneous: the sum over steps of dtanh·da_prevᵀ, as in the cell; the derivative's entry is 2.30333312…
  dWaa1_2: 5.6088427884141385,
  dWaaShape: [5, 5],
  dba4: [-0.74747722],
  dbaShape: [5, 1],
} as const;
