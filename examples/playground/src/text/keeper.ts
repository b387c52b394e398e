/** The newest training, kept from visit to visit. */
import { Keeper } from "../shared/keeper";
import { kept } from "../shared/store";
import { isRun, type Run } from "./run";

const KEY = "text.run";

export const keeper = new Keeper<Run>(KEY);

export async function keptRun(): Promise<Run | undefined> {
  const run = await kept<unknown>(KEY);
  return isRun(run) ? run : undefined;
}
