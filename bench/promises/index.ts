import { bf16 } from "./bf16.js";
import { scanCells } from "./cells.js";
import { garbage } from "./garbage.js";
import { growth } from "./growth.js";
import { int8 } from "./int8.js";
import { int8Quality } from "./int8-quality.js";
import type { Promised } from "./promise.js";
import { recording } from "./recording.js";
import { subnormal } from "./subnormal.js";
import { workers } from "./workers.js";

export const promises: readonly Promised[] = [garbage, subnormal, growth, recording, scanCells, bf16, int8, int8Quality, workers];
