/** What a sequence of tags may not be: as lists, and from labels of spans. */
import { checkIndex, checkList, checkOptions, isArray, show } from "../checks.js";
import { ArgumentError } from "../errors.js";

/** What no sequence of tags may be, by the tags' numbers; JSON keeps it. */
export interface CRFConstraints {
  /** Tags that none begins with. */
  readonly forbiddenStarts?: readonly number[];
  /** Tags that never follow one another: `[from, to]`. */
  readonly forbiddenTransitions?: readonly (readonly [from: number, to: number])[];
  /** Tags that none ends with. */
  readonly forbiddenEnds?: readonly number[];
}

const NAMES = ["forbiddenStarts", "forbiddenTransitions", "forbiddenEnds"] as const;

/** Labels, and tags: more would be a mistake. */
const MOST = 2 ** 12;

/** @internal A copy of what is forbidden of K tags. @throws {ArgumentError} */
export function checkConstraints(constraints: CRFConstraints, K: number): CRFConstraints {
  const given = checkOptions(constraints, NAMES, "constraints");
  const list = (name: (typeof NAMES)[number]) => {
    const argument = `constraints.${name}`;
    const { [name]: forbidden = [] } = given;
    const most = Math.min(K, MOST) ** 2; // whatever K says
    return checkList(argument, forbidden, most, `an array of at most ${most}`);
  };
  const tags = (name: (typeof NAMES)[number]) => list(name).map((tag, i) => checkIndex(`constraints.${name}[${i}]`, tag, K));
  return {
    forbiddenStarts: tags("forbiddenStarts"),
    forbiddenTransitions: list("forbiddenTransitions").map((pair, i): [number, number] => {
      const argument = `constraints.forbiddenTransitions[${i}]`;
      const [from, to] = checkList(argument, isArray(pair) && pair.length === 2 ? pair : undefined, 2, "[from, to]");
      return [checkIndex(`${argument}[0]`, from, K), checkIndex(`${argument}[1]`, to, K)];
    }),
    forbiddenEnds: tags("forbiddenEnds"),
  };
}

/** @internal One byte for each parameter of a CRF, start, end, transitions: 1 where it is forbidden. */
export function maskOf({ forbiddenStarts = [], forbiddenTransitions = [], forbiddenEnds = [] }: CRFConstraints, K: number): Uint8Array {
  const mask = new Uint8Array(2 * K + K * K);
  for (const tag of forbiddenStarts) mask[tag] = 1;
  for (const tag of forbiddenEnds) mask[K + tag] = 1;
  for (const [from, to] of forbiddenTransitions) mask[2 * K + from * K + to] = 1;
  return mask;
}

/** A label, or what is before the first and behind the last: as O. */
interface Label {
  readonly prefix: string;
  readonly type: string;
}

const OUTSIDE: Label = { prefix: "O", type: "" };

/** Whether what begins with this prefix goes on. */
const opens = (label: Label) => label.prefix === "B" || label.prefix === "I";
/** Whether this is a part of what began before it. */
const continues = (label: Label) => ["I", "E", "L"].includes(label.prefix);

/**
 * The constraints of tags that mark spans, such as names in a text, by their labels. In BIO ("O", "B-PER", "I-PER", …) an I- follows the B- or I-
 * of its own type alone. Where there are labels E- or S- (IOBES; as L- and U-, BILOU), a span is S- alone, or goes from B- over I- to the E- of
 * its type, and is over where the sequence is.
 *
 * @param labels in the order of the tags' numbers
 * @returns for a CRF's `constraints`
 * @throws {ArgumentError} when a label is no such text, or is there twice
 *
 * @example
 * const labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
 * const crf = new CRF(rt, { numTags: labels.length, constraints: bioConstraints(labels) });
 * Source: Ramshaw & Marcus, arXiv:cmp-lg/9505040; Ratinov & Roth, CoNLL 2009.
 */
export function bioConstraints(labels: readonly string[]): Required<CRFConstraints> {
  const read = checkList("labels", labels, MOST, `an array of 1 to ${MOST} labels`).map(labelOf);
  if (read.length === 0) throw new ArgumentError("labels", "one label or more", "none");
  const closes = read.some(({ prefix }) => !["O", "B", "I"].includes(prefix));
  const forbids = (from: Label, to: Label) => {
    if (continues(to)) return !(opens(from) && from.type === to.type);
    return closes && opens(from);
  };
  const tagsWhere = (test: (label: Label) => boolean) => read.flatMap((label, tag) => (test(label) ? [tag] : []));
  return {
    forbiddenStarts: tagsWhere((label) => forbids(OUTSIDE, label)),
    forbiddenTransitions: read.flatMap((from, i) => tagsWhere((to) => forbids(from, to)).map((j): [number, number] => [i, j])),
    forbiddenEnds: tagsWhere((label) => forbids(label, OUTSIDE)),
  };
}

function labelOf(label: unknown, i: number, all: readonly unknown[]): Label {
  const [, prefix, type] = (typeof label === "string" && /^(?:([BIESLU])-(.+)|O)$/s.exec(label)) || ["", "", ""];
  if (prefix === "") throw new ArgumentError(`labels[${i}]`, '"O", or B-, I-, E- or S- and a type, such as "B-PER"', show(label));
  if (all.indexOf(label) !== i) throw new ArgumentError(`labels[${i}]`, "a label of its own", `${show(label)} again`);
  return prefix === undefined ? OUTSIDE : { prefix, type: type as string };
}
