/** The networks learn from all days before one, and forecast the days from there. */
import { AdamW, clipGradNorm, Frame, Generator, OneCycleLR, type Runtime, type Scaler, Standardizer, type Tensor } from "wasm-rnn";
import { add, exp, mean, mul, neg, slice, split, square, sub } from "wasm-rnn/ops";
import type { Forecast } from "./baselines.js";
import type { Block } from "./data.js";
import { featuresOf, type Scale, type Series, scaleOf } from "./features.js";
import { fitGarch } from "./garch.js";
import { type Member, Volatility } from "./model.js";

/** Days that a forecast is made of. */
const SEEN = 40;
/** Days that are learned at a stretch; the first ones are seen alone. */
const [STRETCH, SEEN_ALONE] = [60, 20];
/** Days with which the moving means begin. */
const BEGINNING = 30;
/** Deviations: what is farther is taken to be so far. */
const FARTHEST = 5;
/** So little counts what networks believe to know of the mean: on the watched days more of it was worse. */
const CAUTION = 0.1;
/** So much of their correction of the variance is believed: as much as on the watched days was surest to be better, of 0.7 and 1. */
const TRUST = 0.7;

const [UNITS, BATCH, RATE, DECAY] = [16, 32, 0.01, 0.1];

export interface Settings {
  readonly seed: number;
  readonly steps: number;
  readonly members: number;
}

/** Markets as the networks see them: all that was fitted to them was fitted to the days before one. */
export interface Seen {
  readonly scales: readonly Scale[];
  readonly scaler: Scaler;
  /** Of each market [days, features]. */
  readonly features: readonly Float32Array[];
  /** How many features a day has. */
  readonly width: number;
}

/** @param fitted a scaler that was fitted before; else it is to the days before `from` */
export function see(markets: readonly Series[], from: number, fitted?: Scaler): Seen {
  const scales = markets.map((market) => scaleOf(fitGarch(market.returns.subarray(0, from), { asymmetric: true }), market));
  const rows = featuresOf(markets, scales);
  const scaler = fitted ?? new Standardizer().fit(rows.flatMap((each) => each.slice(BEGINNING, from)));
  const features = rows.map((each) =>
    Float32Array.from(
      scaler.transform(each).flatMap((row) => [...row]),
      (value) => Math.max(-FARTHEST, Math.min(FARTHEST, value)),
    ),
  );
  return { scales, scaler, features, width: (rows[0]?.[0] as number[]).length };
}

/** Networks that know nothing of `from` and later. */
export function learn(rt: Runtime, markets: readonly Series[], seen: Seen, from: number, settings: Settings): Volatility {
  const model = new Volatility(rt, { features: seen.width, units: UNITS, members: settings.members });
  const targets = markets.map(({ returns }, m) => {
    const { mean, variance } = seen.scales[m] as Scale;
    return returns.map((r, t) => (r - mean) / Math.sqrt(variance[t] as number));
  });
  const random = new Generator(settings.seed);
  for (const member of model.members) train(rt, member, { seen, targets, from, random }, settings);
  return model;
}

interface Lessons {
  readonly seen: Seen;
  readonly targets: readonly Float64Array[];
  readonly from: number;
  readonly random: Generator;
}

function train(rt: Runtime, member: Member, lessons: Lessons, { steps }: Settings): void {
  const optimizer = new AdamW(member.parameters(), { lr: RATE, weightDecay: DECAY });
  const schedule = new OneCycleLR(optimizer, { maxLr: RATE, totalSteps: steps, pctStart: 0.2 });
  using frame = new Frame(rt);
  using x = rt.zeros([STRETCH, BATCH, lessons.seen.width]);
  using y = rt.zeros([STRETCH - SEEN_ALONE, BATCH, 1]);
  member.train();
  for (let step = 0; step < steps; step++) {
    draw(x, y, lessons);
    frame.backward(frame.record(() => lossOf(slice(member.forward(x), [[SEEN_ALONE, STRETCH]]), y)));
    clipGradNorm(member.parameters(), 1);
    optimizer.step();
    optimizer.zeroGrad();
    schedule.step();
  }
  member.eval();
}

/** −ln of the Gaussian density, but for what no network changes: ½ (s + (z − m)² e⁻ˢ) in the mean. */
function lossOf(said: Tensor, z: Tensor): Tensor {
  const [m, s] = split(said, 2, -1) as [Tensor, Tensor];
  return mul(mean(add(s, mul(square(sub(z, mul(m, CAUTION))), exp(neg(s))))), 0.5);
}

/** Stretches of days of any market, from anywhere, to be seen; of each day but the first ones the next is to be foretold. */
function draw(x: Tensor, y: Tensor, { seen: { features, width }, targets, from, random }: Lessons): void {
  const [days, next] = [new Float32Array(x.size), new Float32Array(y.size)];
  for (let n = 0; n < BATCH; n++) {
    const market = random.integer(targets.length);
    const begin = BEGINNING + random.integer(from - STRETCH - BEGINNING);
    for (let t = 0; t < STRETCH; t++) {
      const day = begin + t;
      days.set((features[market] as Float32Array).subarray(day * width, (day + 1) * width), (t * BATCH + n) * width);
      if (t >= SEEN_ALONE) next[(t - SEEN_ALONE) * BATCH + n] = targets[market]?.[day + 1] as number;
    }
  }
  x.set(days);
  y.set(next);
}

/** Of each market. */
export function foretell(rt: Runtime, model: Volatility, { scales, features, width }: Seen, { from, to }: Block): Forecast[] {
  const days = to - from;
  using frame = new Frame(rt);
  using x = rt.zeros([SEEN, days, width]);
  return scales.map((scale, m) => {
    const all = new Float32Array(x.size);
    for (let i = 0; i < days; i++) {
      for (let t = 0; t < SEEN; t++) {
        const day = from + i - SEEN + t;
        all.set((features[m] as Float32Array).subarray(day * width, (day + 1) * width), (t * days + i) * width);
      }
    }
    x.set(all);
    const said = frame.run(() => slice(model.forward(x), [[SEEN - 1, SEEN]])).toArray();
    const garch = scale.variance.slice(from, to);
    return {
      mean: garch.map((h, i) => scale.mean + CAUTION * (said[2 * i] as number) * Math.sqrt(h)),
      variance: garch.map((h, i) => h * Math.exp(TRUST * (said[2 * i + 1] as number))),
    };
  });
}
