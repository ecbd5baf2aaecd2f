/** One request that wanted to change something, as the embedded API answered it. */
export interface ApiWrite {
  readonly method: string;
  /** `deployments`, or with a subresource `deployments/status`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly user: string;
  readonly userAgent: string | undefined;
  readonly fieldManager: string;
  readonly dryRun: boolean;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The audit of writes, the newest `limit` of them; counts are never cut. */
export class WriteLog {
  readonly #entries: ApiWrite[] = [];
  readonly #counts = new Map<string, number>();
  readonly #limit: number;

  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  add(write: ApiWrite): void {
    this.#entries.push(write);
    if (this.#entries.length > this.#limit) this.#entries.shift();
    const key = `${write.method} ${write.resource}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Oldest first, of this resource when one is given. */
  entries(resource?: string): readonly ApiWrite[] {
    return this.#entries.filter((write) => resource === undefined || write.resource === resource);
  }

  /** By `METHOD resource`, `PATCH deployments`. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
