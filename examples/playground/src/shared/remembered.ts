/** What a person has chosen, which comes back at the next visit. */
import { type Signal, signal } from "@preact/signals";
import { keep, kept } from "./store";

/** @param fits whether what was kept can be used here: it may be damaged, or of another version. It may throw where it cannot */
export function remembered<Value>(key: string, first: Value, fits: (before: Value) => boolean): Signal<Value> {
  const chosen = signal(first);
  const restore = async () => {
    const before = await kept<Value>(key);
    if (before !== undefined && chosen.value === first && safely(() => fits(before))) chosen.value = before;
    let last = chosen.value;
    chosen.subscribe((value) => {
      if (value !== last) void keep(key, value);
      last = value;
    });
  };
  void restore();
  return chosen;
}

function safely(fits: () => boolean): boolean {
  try {
    return fits();
  } catch {
    return false;
  }
}
