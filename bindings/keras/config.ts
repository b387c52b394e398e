/** Members of a layer's config, each checked. */
import { isPlain } from "../by-name.js";
import { isArray, show } from "../checks.js";
import { type ActivationPlan, readActivation } from "./activations.js";
import { type Builder, type LayerConfig, Refusal } from "./builder.js";

/** More is a mistake: of a size, a count or a stride. */
const MOST = 2 ** 31 - 1;

/** A positive integer. @throws {Refusal} */
export function sizeIn({ config }: LayerConfig, key: string, standard?: number): number {
  const value = config[key] ?? standard;
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MOST) return value;
  throw new Refusal(`${key}: expected a positive integer, got ${show(value)}`);
}

/** A finite number. @throws {Refusal} */
export function numberIn({ config }: LayerConfig, key: string, standard: number): number {
  const value = config[key] ?? standard;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Refusal(`${key}: expected a number, got ${show(value)}`);
}

/** true or false. @throws {Refusal} */
export function flagIn({ config }: LayerConfig, key: string, standard: boolean): boolean {
  const value = config[key] ?? standard;
  if (typeof value === "boolean") return value;
  throw new Refusal(`${key}: expected true or false, got ${show(value)}`);
}

/** The one number of a list, or a number. @throws {Refusal} */
export function singleIn(layer: LayerConfig, key: string, standard: number): number {
  const value = layer.config[key];
  return sizeIn({ ...layer, config: { [key]: isArray(value) && value.length === 1 ? value[0] : value } }, key, standard);
}

/** @throws {Refusal} on one that is not known */
export function activationIn(layer: LayerConfig, { major }: Builder, key = "activation", standard?: string): ActivationPlan {
  const value = layer.config[key] ?? standard;
  const read = readActivation(value, major);
  if (read) return read;
  const name = isPlain(value) ? (value.class_name ?? value.config) : value;
  throw new Refusal(`${key} ${show(name)} is not supported`);
}

/** Notes members that must be absent, false, null or 0, each with its reason. */
export function refuse(layer: LayerConfig, builder: Builder, reasons: Readonly<Record<string, string>>): void {
  for (const [key, reason] of Object.entries(reasons))
    if (layer.config[key]) builder.problem(layer, `${key}: ${show(layer.config[key])} is not supported${reason && ` (${reason})`}`);
}

/** A layer inside another, such as that of Bidirectional. @throws {Refusal} */
export function innerLayer(layer: LayerConfig, key: string): LayerConfig {
  const { class_name: className, config } = Object(layer.config[key]) as Record<string, unknown>;
  if (typeof className !== "string" || !isPlain(config)) throw new Refusal(`${key}: expected a layer, got ${show(layer.config[key])}`);
  return { name: layer.name, className, config };
}
