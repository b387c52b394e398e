/** Files of weights that a model.json names. */
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { FormatError } from "../errors.js";

/** A shard, which lies beside its model.json and nowhere else. */
export function beside(path: string): (shard: string) => Uint8Array {
  return (shard) => {
    const own = normalize(shard);
    if (own.startsWith("..") || own.startsWith("/"))
      throw new FormatError(`model.json: expected shards beside it, got ${shard.slice(0, 200)}`);
    return readFileSync(join(dirname(path), own));
  };
}
