/** Scalers on their way to a worker: by what they say of themselves. Known by their shape, so that no page loads their classes for it. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";

/** What a fitted scaler is, for a message. @throws {ArgumentError} on what is none, and before its `fit` */
export function describeScaler(argument: string, scaler: unknown, expected = "a fitted Standardizer or MinMaxScaler"): unknown {
  if (!isScaler(scaler)) throw new ArgumentError(argument, expected, show(scaler));
  try {
    return scaler.toJSON();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ArgumentError(argument, "the scaler itself", "a Proxy or an heir of one");
  }
}

function isScaler(value: unknown): value is { toJSON(): unknown } {
  const { kind, toJSON, inverseTransform } = (value ?? {}) as Partial<Record<"kind" | "toJSON" | "inverseTransform", unknown>>;
  return typeof kind === "string" && typeof toJSON === "function" && typeof inverseTransform === "function";
}

/** Metadata with its scalers described; what is no object stays, for the worker to refuse. @throws {ArgumentError} */
export function describeAll(metadata: unknown): unknown {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return metadata;
  if (isScaler(metadata)) throw new ArgumentError("metadata", "scalers by name, such as { scaler }", "one without a name");
  const one = ([name, value]: [string, unknown]) => [
    name,
    typeof value === "string" ? value : describeScaler(`metadata.${name}`, value, "a string or a scaler"),
  ];
  return Object.fromEntries(Object.entries(metadata).map(one));
}
