/** Who has which clusters to itself: a file that breaks one must not meet another file there. */
export interface Leases {
  /** Resolves once all of the names are free or the holder's own; all are taken at once, so nobody waits with a half. */
  take(names: readonly string[], holder: string): Promise<void>;
  /** Gives back all that the holder has, and what it waits for. */
  release(holder: string): void;
}

interface Wish {
  readonly names: readonly string[];
  readonly holder: string;
  readonly grant: () => void;
}

/** Leases of anything that has a name. */
export function createLeases(): Leases {
  const holders = new Map<string, string>();
  let wishes: readonly Wish[] = [];

  const isFree = ({ names, holder }: Wish): boolean => names.every((name) => (holders.get(name) ?? holder) === holder);
  /** In the order in which they came; one that can't be granted holds up only those that it shares a name with. */
  const grant = (): void => {
    const blocked = new Set<string>();
    wishes = wishes.filter((wish) => {
      if (!isFree(wish) || wish.names.some((name) => blocked.has(name))) {
        for (const name of wish.names) blocked.add(name);
        return true;
      }
      for (const name of wish.names) holders.set(name, wish.holder);
      wish.grant();
      return false;
    });
  };
  return {
    take: (names, holder) =>
      new Promise((resolve) => {
        wishes = [...wishes, { names, holder, grant: resolve }];
        grant();
      }),
    release(holder) {
      for (const [name, owner] of holders) if (owner === holder) holders.delete(name);
      wishes = wishes.filter((wish) => wish.holder !== holder);
      grant();
    },
  };
}
