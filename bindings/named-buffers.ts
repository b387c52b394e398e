/** What a model keeps from batch to batch beside its parameters. */
import { show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import { Tensor } from "./tensor.js";

/** @internal The buffers that a model names; none where it names none. @throws {ArgumentError} unless each is a tensor under a name of its own */
export function buffersOf(model: { namedBuffers?(): [string, Tensor][] }): [string, Tensor][] {
  if (model.namedBuffers === undefined) return [];
  if (typeof model.namedBuffers !== "function") throw new ArgumentError("namedBuffers", "a function", show(model.namedBuffers));
  const given: unknown = model.namedBuffers();
  const isPair = (each: unknown): each is [string, unknown] => Array.isArray(each) && each.length === 2 && typeof each[0] === "string";
  if (!Array.isArray(given) || !given.every(isPair)) throw new ArgumentError("namedBuffers", "pairs of a name and a Tensor", show(given));
  const buffers = new Map<string, Tensor>();
  for (const [name, tensor] of given) {
    if (!(tensor instanceof Tensor)) throw new ArgumentError(`${name} of namedBuffers`, "a Tensor (of rt.tensor())", show(tensor));
    if (buffers.has(name)) throw new ArgumentError("namedBuffers", "a name for each alone", `two by the name ${name}`);
    buffers.set(name, tensor);
  }
  return [...buffers];
}

/** @internal Notes what the buffers hold. @returns puts it back, as often as it is called */
export function keepBuffers(model: { namedBuffers?(): [string, Tensor][] }): () => void {
  const kept = buffersOf(model).map(([, tensor]) => ({ tensor, before: tensor.toArray() }));
  return () => {
    for (const { tensor, before } of kept) tensor.set(before);
  };
}
