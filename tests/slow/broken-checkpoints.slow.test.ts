/** Thousands of checkpoints with a right sum and one thing wrong. */
import { expect, test } from "vitest";
import { brokenVariants } from "../helpers/broken-checkpoints.js";
import { checkpointOf } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";
import { Trying } from "../helpers/try-resume.js";

test("every broken checkpoint is refused by a typed error, and changes nothing, or is a run that ends", async () => {
  const rt = await testRuntime({ seed: 3 });
  const variants = brokenVariants(await checkpointOf(rt));
  const trying = new Trying(rt);
  for (const variant of variants) await trying.try(variant);
  console.log(`${trying.refused} refused, ${trying.resumed.length} safe`);
  expect(variants.length).toBeGreaterThan(3000);
  expect(trying.refused).toBeGreaterThan(0.8 * variants.length);
  trying.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});
