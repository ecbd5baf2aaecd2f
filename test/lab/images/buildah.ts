// Builds images for real, without a daemon, a registry or user namespaces: each step in a chroot, each layer a folder.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../processes/run.js';

const isInstalled = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Which of some programs are not installed. */
export const missingPrograms = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !isInstalled(name));

/** What is known of a built image. */
export interface BuiltImage {
  readonly digest: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Builder {
  /** Makes Debian's own minimal system an image. */
  debian(image: string): Promise<void>;
  /** Builds a Dockerfile with a folder as its context; nothing comes from a cache. */
  build(image: string, dockerfile: string, context: string): Promise<BuiltImage>;
  /** Writes an image into an archive, as containerd takes it. */
  save(image: string, archive: string): Promise<void>;
  /** Makes an image once for all builders of this machine: the archive is kept under the key. */
  kept(image: string, key: string, make: () => Promise<void>): Promise<void>;
  dispose(): void;
}

const minutes = 60_000;

/** A file of the cache, made the first time; what is half made never has its name. */
async function keptFile(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const file = join(cache, 'youzan-kube-lab', name);
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tar`;
  try {
    await make(draft);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return file;
}

/** The root file system of Debian 12, from the machine's package mirror. */
const debianRoot = (): Promise<string> =>
  keptFile('debian-12/root.tar', async (draft) => {
    await run(['mmdebstrap', '--quiet', '--mode=root', '--variant=minbase', 'bookworm', draft], {
      deadlineMs: 10 * minutes,
    });
  });

interface Inspected {
  readonly FromImageDigest: string;
  readonly OCIv1: { readonly config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> } };
}

/** A builder whose store is a folder of its own. */
export function imageBuilder(folder: string): Builder {
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const buildah = (command: string, ...args: readonly string[]): Promise<string> =>
    run(['buildah', ...store, command, ...args], { deadlineMs: 10 * minutes });
  const build = async (image: string, dockerfile: string, context: string): Promise<void> => {
    const file = join(folder, 'Dockerfile');
    writeFileSync(file, dockerfile);
    const isolation = ['--isolation', 'chroot', '--network', 'host'];
    await buildah('build', ...isolation, '--timestamp', '0', '--no-cache', '--quiet', '-f', file, '-t', image, context);
  };
  const save = async (image: string, archive: string): Promise<void> => {
    await buildah('push', '--quiet', image, `docker-archive:${archive}:${image}`);
  };
  mkdirSync(folder, { recursive: true });
  return {
    async debian(image) {
      const root = await debianRoot();
      await build(image, 'FROM scratch\nADD root.tar /\n', dirname(root));
    },
    async build(image, dockerfile, context) {
      await build(image, dockerfile, context);
      const { FromImageDigest, OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', image)) as Inspected;
      return { digest: FromImageDigest, user: OCIv1.config.User, labels: OCIv1.config.Labels };
    },
    save,
    async kept(image, key, make) {
      const file = await keptFile(`layers/${createHash('sha256').update(key).digest('hex')}.tar`, async (draft) => {
        await make();
        await save(image, draft);
      });
      await buildah('pull', '--quiet', `docker-archive:${file}`);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
