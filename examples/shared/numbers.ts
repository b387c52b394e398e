/** What several examples do with numbers. */
import type { Generator } from "wasm-rnn";

/** Another list, in an order by chance. Source: Fisher and Yates; Durstenfeld, 1964. */
export function shuffled<Item>(items: readonly Item[], random: Generator): Item[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j] as Item, order[i] as Item];
  }
  return order;
}

export function softmax(logits: ArrayLike<number>): number[] {
  const most = Math.max(...Array.from(logits));
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
