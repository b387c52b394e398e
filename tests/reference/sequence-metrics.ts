/** Metrics of sequences, as their sources write them: the whole table of an edit distance, conlleval's two rules and its loop. */

export interface TwinEdits {
  distance: number;
  substitutions: number;
  deletions: number;
  insertions: number;
  hits: number;
}

/** Every cell of the table with all its counts; of as few edits the one of fewer substitutions. */
export function edits<T>(reference: readonly T[], hypothesis: readonly T[]): TwinEdits {
  const table: TwinEdits[][] = [];
  const more = (from: TwinEdits | undefined, what: "substitutions" | "deletions" | "insertions" | "hits"): TwinEdits[] =>
    from ? [{ ...from, distance: from.distance + (what === "hits" ? 0 : 1), [what]: from[what] + 1 }] : [];
  for (let i = 0; i <= reference.length; i++) {
    const row: TwinEdits[] = [];
    table.push(row);
    for (let j = 0; j <= hypothesis.length; j++) {
      const ways = [
        ...more(i > 0 && j > 0 ? table[i - 1]?.[j - 1] : undefined, reference[i - 1] === hypothesis[j - 1] ? "hits" : "substitutions"),
        ...more(i > 0 ? table[i - 1]?.[j] : undefined, "deletions"),
        ...more(j > 0 ? row[j - 1] : undefined, "insertions"),
      ].sort((a, b) => a.distance - b.distance || a.substitutions - b.substitutions);
      row.push(ways[0] ?? { distance: 0, substitutions: 0, deletions: 0, insertions: 0, hits: 0 });
    }
  }
  return table.at(-1)?.at(-1) as TwinEdits;
}

/** Letters of the tags before and after: where a chunk ends between them, and where one begins. A dot is any letter. */
export interface Rules {
  ends: readonly string[];
  starts: readonly string[];
}

/** conlleval.pl, version of 2004-01-26. */
export const RULES_2004: Rules = {
  ends: ["BB", "BO", "IB", "IO", "EE", "EI", "EO"],
  starts: ["BB", "IB", "OB", "OI", "EE", "EI", "OE"],
};

/** conlleval.py, which knows S. */
export const RULES: Rules = {
  ends: ["E.", "S.", "BB", "BS", "BO", "IB", "IS", "IO"],
  starts: [".B", ".S", "EE", "EI", "SE", "SI", "OE", "OI"],
};

export type TwinCounts = { correct: number; predicted: number; actual: number };

/** conlleval's loop over all tokens, a boundary of O and O between sequences; by type, and over all as "all". */
export function conlleval(
  sequences: readonly (readonly [reference: string, hypothesis: string][])[],
  rules = RULES,
): Map<string, TwinCounts> {
  const found = new Map<string, TwinCounts>();
  const add = (type: string, what: keyof TwinCounts) => {
    for (const name of ["all", type]) {
      const counts = found.get(name) ?? { correct: 0, predicted: 0, actual: 0 };
      counts[what]++;
      found.set(name, counts);
    }
  };
  const parse = (tag: string): [string, string] => [tag.replace(/-.*/, ""), tag.includes("-") ? tag.replace(/^[^-]*-/, "") : ""];
  const holds = (list: readonly string[], before: string, now: string) =>
    list.some((rule) => (rule[0] === "." || rule[0] === before) && (rule[1] === "." || rule[1] === now));
  const ends = ([before, type]: [string, string], [now, next]: [string, string]) =>
    holds(rules.ends, before, now) || (before !== "O" && type !== next);
  const starts = ([before, type]: [string, string], [now, next]: [string, string]) =>
    holds(rules.starts, before, now) || (now !== "O" && type !== next);
  let inCorrect = false;
  let [lastCorrect, lastGuessed]: [string, string][] = [parse("O"), parse("O")];
  for (const [right, guess] of sequences.flatMap((tokens) => [...tokens, ["O", "O"] as [string, string]])) {
    const [correct, guessed] = [parse(right), parse(guess)];
    const [endsHere, endsThere] = [ends(lastCorrect as [string, string], correct), ends(lastGuessed as [string, string], guessed)];
    if (inCorrect) {
      if (endsHere && endsThere && lastGuessed?.[1] === lastCorrect?.[1]) {
        inCorrect = false;
        add(lastCorrect?.[1] as string, "correct");
      } else if (endsHere !== endsThere || guessed[1] !== correct[1]) inCorrect = false;
    }
    const [startsHere, startsThere] = [starts(lastCorrect as [string, string], correct), starts(lastGuessed as [string, string], guessed)];
    if (startsHere && startsThere && guessed[1] === correct[1]) inCorrect = true;
    if (startsHere) add(correct[1], "actual");
    if (startsThere) add(guessed[1], "predicted");
    [lastCorrect, lastGuessed] = [correct, guessed];
  }
  return found;
}
