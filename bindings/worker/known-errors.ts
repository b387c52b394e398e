/** The package's errors as one object; of its own for the same reason as library.ts. */
export * from "../errors.js";
