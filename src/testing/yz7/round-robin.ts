interface Item<T> {
  readonly key: string;
  readonly weight: number;
  readonly value: T;
}

/**
 * Smooth weighted round robin: every choice raises each one's credit by its weight and takes the sum from the one that
 * is chosen, so that choices of the heavy are spread among those of the light.
 */
export class RoundRobin<T> {
  readonly #items: readonly Item<T>[];
  readonly #credit = new Map<string, number>();

  /** Takes over the credit of a former one, so that a change of one item does not begin the round anew for all. */
  constructor(items: readonly Item<T>[], former?: RoundRobin<T>) {
    this.#items = items.filter(({ weight }) => weight > 0);
    const credit = former === undefined ? undefined : former.#credit;
    for (const { key } of this.#items) this.#credit.set(key, credit?.get(key) ?? 0);
  }

  /** `weightOf` may lower an item's weight for this choice; 0 leaves it out. */
  next(weightOf: (item: Item<T>) => number = ({ weight }) => weight): T | undefined {
    let sum = 0;
    let best: Item<T> | undefined;
    let most = -Infinity;
    for (const item of this.#items) {
      const weight = weightOf(item);
      if (weight <= 0) continue;
      sum += weight;
      const credit = (this.#credit.get(item.key) ?? 0) + weight;
      this.#credit.set(item.key, credit);
      if (credit <= most) continue;
      best = item;
      most = credit;
    }
    if (best === undefined) return undefined;
    this.#credit.set(best.key, most - sum);
    return best.value;
  }
}
