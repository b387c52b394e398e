/** Work ahead, results in order. */

/**
 * Begins the work of each item, at most `ahead` before its result is taken, and gives the results in the order of the items. Where one fails, or
 * nobody takes any more, it waits for those under way before it ends: nothing goes on behind the caller's back.
 *
 * @param ahead 1 or more
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  ahead: number,
  begin: (item: Item, place: number) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const underWay: Promise<Result>[] = [];
  let place = 0;
  try {
    for await (const item of items) {
      const result = begin(item, place++);
      result.catch(() => {}); // it is told when its turn comes
      underWay.push(result);
      if (underWay.length < ahead) continue;
      yield await (underWay[0] as Promise<Result>);
      underWay.shift();
    }
    while (underWay.length > 0) {
      yield await (underWay[0] as Promise<Result>);
      underWay.shift();
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
