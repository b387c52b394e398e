/** Parts of a model that are made one after another: all of them, or none. */

interface Part {
  dispose(): void;
}

/** @internal Where the work fails, what it has made so far is given back. @param work hands each part that it makes to `own` */
export function together<Made>(work: (own: <P extends Part>(part: P) => P) => Made): Made {
  const parts: Part[] = [];
  try {
    return work((part) => {
      parts.push(part);
      return part;
    });
  } catch (error) {
    for (const part of parts) part.dispose();
    throw error;
  }
}
