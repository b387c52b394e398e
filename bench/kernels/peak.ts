/** The flops roofline of each build, for the comparison with peers. */
import { measure } from "../harness.js";
import { assembleLoop } from "./assemble.js";
import { rooflineCase } from "./roofline.js";

/** GFLOP/s of f32 by contender name. */
export function measurePeaks(builds: readonly string[], seconds: number): Record<string, number> {
  const cases = builds.map((build) => rooflineCase(build, "flops", assembleLoop(build, "flops")));
  for (const one of cases) one.validate();
  return Object.fromEntries([...measure(cases, seconds)].map(([{ contender, flops }, { minMs }]) => [contender, flops / minMs / 1e6]));
}
