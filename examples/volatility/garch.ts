/**
 * GARCH(1,1) with a mean, and with an answer of its own to losses: GJR-GARCH(1,1).
 *
 *   e(t) = r(t) − μ                                                      (1)
 *   h(t) = ω + (α + γ [e(t−1) < 0]) e(t−1)² + β h(t−1)                   (2)
 *   −ln L = ½ Σ (ln 2π + ln h(t) + e(t)² / h(t))                         (3)
 *
 * Sources: Bollerslev, Journal of Econometrics 31 (1986); Glosten, Jagannathan and Runkle, Journal of Finance 48 (1993);
 * h(0) of (2) with the mean of e² for what was before it, as in the benchmark of Fiorentini, Calzolari and Panattoni, Journal of Applied Econometrics 11 (1996).
 */
import { minimize } from "./minimum.js";

export interface Garch {
  readonly mu: number;
  readonly omega: number;
  readonly alpha: number;
  /** 0 where losses are to it as gains. */
  readonly gamma: number;
  readonly beta: number;
  /** h(0), of the days that it was fitted to. */
  readonly start: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** By maximum likelihood. Free to move are numbers of any size that keep ω, α, γ, β ≥ 0 and the variance finite: α + γ/2 + β < 1. */
export function fitGarch(returns: Float64Array, { asymmetric = false } = {}): Garch {
  const mean = average(returns);
  const variance = average(returns.map((r) => (r - mean) ** 2));
  const garchOf = ([place = 0, size = 0, persistence = 0, share = 0, losses]: readonly number[]): Garch => {
    const mu = mean + 0.1 * Math.sqrt(variance) * place;
    const lasting = sigmoid(persistence);
    const shock = lasting * sigmoid(share); // α + γ/2
    const half = losses === undefined ? 0 : shock * sigmoid(losses);
    const omega = variance * Math.exp(size) * (1 - lasting);
    const start = omega + lasting * (variance + (mean - mu) ** 2);
    return { mu, omega, alpha: shock - half, gamma: 2 * half, beta: lasting - shock, start };
  };
  const begin = [0, 0, 3, -2.5, ...(asymmetric ? [0] : [])]; // persistence 0.95, of which the last day's shock has 0.08
  return garchOf(minimize((at) => negativeLogLikelihood(garchOf(at), returns), begin).at);
}

export function negativeLogLikelihood(garch: Garch, returns: Float64Array): number {
  const { mu, omega, alpha, gamma, beta } = garch;
  let [h, sum] = [garch.start, 0];
  for (const r of returns) {
    const e = r - mu; // (1)
    const square = e * e;
    sum += Math.log(h) + square / h; // (3)
    h = omega + (e < 0 ? alpha + gamma : alpha) * square + beta * h; // (2)
  }
  return (returns.length * Math.log(2 * Math.PI) + sum) / 2; // (3)
}

/** h of every day, and of the one after the last. */
export function variancesOf({ mu, omega, alpha, gamma, beta, start }: Garch, returns: Float64Array): Float64Array {
  const all = new Float64Array(returns.length + 1).fill(start);
  for (const [t, r] of returns.entries()) {
    const e = r - mu; // (1)
    all[t + 1] = omega + (e < 0 ? alpha + gamma : alpha) * e * e + beta * (all[t] as number); // (2)
  }
  return all;
}

export function average(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
