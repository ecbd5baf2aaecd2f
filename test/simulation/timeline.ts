interface Item {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const isBefore = (a: Item, b: Item): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Virtual time in milliseconds: what is to happen, one thing after the other. The real clock has no part in it. */
export class Timeline {
  readonly #heap: Item[] = [];
  #now = 0;
  #order = 0;
  #hasSettled = false;
  #isEnded = false;

  get now(): number {
    return this.#now;
  }

  /** Answers the way to call it off. */
  at(time: number, run: () => void): () => void {
    const item: Item = { at: Math.max(time, this.#now), order: this.#order++, run };
    this.#push(item);
    return () => (item.run = undefined);
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.#now + ms, run);
  }

  /** To be called when a promise was resolved or rejected: those who wait for it come next. */
  noteSettled(): void {
    this.#hasSettled = true;
  }

  /** Nothing happens any more. */
  end(): void {
    this.#isEnded = true;
  }

  async run(until: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until && !this.#isEnded; next = this.#heap[0]) {
      this.#pop();
      if (next.run === undefined) continue;
      this.#now = next.at;
      next.run();
      if (!this.#hasSettled) continue;
      this.#hasSettled = false;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = Math.max(this.#now, until);
  }

  #push(item: Item): void {
    let at = this.#heap.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, above)) return;
      at = above;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const [first, second] = [this.#heap[left], this.#heap[left + 1]];
      if (first === undefined) return;
      const least = second !== undefined && isBefore(second, first) ? left + 1 : left;
      if (!this.#swapIfBefore(least, at)) return;
      at = least;
    }
  }

  #swapIfBefore(at: number, other: number): boolean {
    const [a, b] = [this.#heap[at], this.#heap[other]];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    this.#heap[at] = b;
    this.#heap[other] = a;
    return true;
  }
}
