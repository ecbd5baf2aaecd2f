import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bundle } from 'youzan-kube/constructs';
import { youzanConventions, YouzanKubeError } from '../../conventions/index.js';

/** Where a bundle's file stands: `manifests/bc-a/trade-core.yaml`. */
export const fileOf = (out: string, { cluster, fileName }: Pick<Bundle, 'cluster' | 'fileName'>): string =>
  join(out, cluster, fileName);

/** What a file holds, or nothing. */
export function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * Writes files so that a reader never sees half of one: each beside its place, then all are renamed. Those that would
 * stay as they are are not touched.
 */
export class ManifestWriter {
  readonly #out: string;
  readonly #waiting: string[] = [];
  /** Folders and files that were not there before, in the order in which they were made. */
  readonly #made: string[] = [];

  constructor(out: string) {
    this.#out = out;
  }

  /** False for a file that has this text already. */
  add(file: string, text: string): boolean {
    return this.#guarded(() => {
      if (textOf(file) === text) return false;
      const folder = mkdirSync(dirname(file), { recursive: true });
      if (folder !== undefined) this.#made.push(folder);
      this.#made.push(partial(file));
      writeFileSync(partial(file), text);
      this.#waiting.push(file);
      return true;
    });
  }

  commit(): void {
    this.#guarded(() => {
      for (const file of this.#waiting) renameSync(partial(file), file);
    });
  }

  /** Takes back everything that was not committed. */
  discard(): void {
    for (const path of this.#made.reverse()) rmSync(path, { recursive: true, force: true });
  }

  #guarded<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      this.discard();
      const reason = error instanceof Error ? error.message : String(error);
      throw new YouzanKubeError('CLI_UNWRITABLE_FOLDER', `can't write to ${this.#out}: ${reason}`, {
        path: this.#out,
        hint: 'nothing was written; name another folder with --out',
        cause: error,
      });
    }
  }
}

const partial = (file: string): string => `${file}.partial`;

/**
 * Manifests of this library in the folders of these clusters that are none of the given files. What has another origin
 * is never among them.
 *
 * @param clusters default: every folder, also of a cluster that the fleet has no more.
 */
export function staleFiles(
  out: string,
  files: ReadonlySet<string>,
  clusters: readonly string[] = foldersIn(out),
): readonly string[] {
  const { labels, managedBy } = youzanConventions;
  return clusters
    .map((cluster) => join(out, cluster))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.yaml') && !files.has(file))
    .filter((file) => textOf(file)?.includes(`${labels.managedBy}: ${managedBy}`) === true)
    .sort();
}

function foldersIn(out: string): string[] {
  if (!existsSync(out)) return [];
  const entries = readdirSync(out, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
