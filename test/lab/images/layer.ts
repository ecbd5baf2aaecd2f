// A layer of an image: a tar whose bytes depend on nothing but its entries, so that the same input is the same image.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export type Entry =
  | { readonly type: 'file'; readonly path: string; readonly content: Buffer | string; readonly mode?: number }
  | { readonly type: 'directory'; readonly path: string; readonly mode?: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

export interface Blob {
  readonly bytes: Buffer;
  /** `sha256:…` */
  readonly digest: string;
}

export const blobOf = (bytes: Buffer): Blob => ({
  bytes,
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
});

/** `/a/b/c` -> `/a`, `/a/b` */
function parents(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`);
}

/** Sorted by path, each directory named before what is in it. Everything belongs to root and is as old as time. */
export async function makeLayer(entries: readonly Entry[]): Promise<Blob> {
  const all = new Map<string, Entry>();
  for (const path of entries.flatMap((entry) => parents(entry.path))) all.set(path, { type: 'directory', path });
  for (const entry of entries) all.set(entry.path, entry);
  const tar = pack();
  const bytes = buffer(tar);
  const order = [...all.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
  for (const entry of order) {
    const header = { name: entry.path.slice(1), mtime: new Date(0), uid: 0, gid: 0 };
    if (entry.type === 'file') tar.entry({ ...header, mode: entry.mode ?? 0o644 }, entry.content);
    else if (entry.type === 'directory') tar.entry({ ...header, type: 'directory', mode: entry.mode ?? 0o755 });
    else tar.entry({ ...header, type: 'symlink', linkname: entry.target, mode: 0o777 });
  }
  tar.finalize();
  return blobOf(await bytes);
}
