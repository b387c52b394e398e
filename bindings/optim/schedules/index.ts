/** Learning-rate schedules, one a file. */
export { CosineAnnealingLR } from "./cosine.js";
export { LinearLR } from "./linear.js";
export { OneCycleLR, type OneCycleOptions } from "./one-cycle.js";
export { type PlateauOptions, ReduceLROnPlateau } from "./plateau.js";
export { type HasRate, Schedule, type ScheduleState } from "./schedule.js";
export { SequentialLR } from "./sequential.js";
export { StepLR } from "./step.js";
