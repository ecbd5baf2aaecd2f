import { describe, expect, it } from 'vitest';
import type { YouzanAppProps } from '../../constructs/index.js';
import { defineConventions } from '../../src/conventions/index.js';
import { deploymentOf } from './objects.js';
import { demoSpec, propsOf } from './specs.js';

interface Volume {
  readonly name: string;
  readonly hostPath: { readonly path: string; readonly type: string };
}
interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}
interface PodSpec {
  readonly volumes?: readonly Volume[];
  readonly containers: readonly { readonly volumeMounts?: readonly Mount[] }[];
}

/** What the container sees, by where it sees it. */
function seenBy(props: YouzanAppProps): Record<string, Volume['hostPath'] | undefined> {
  const { volumes = [], containers } = deploymentOf(props).spec.template.spec as unknown as PodSpec;
  const mounts = containers[0]!.volumeMounts ?? [];
  expect(mounts).toHaveLength(volumes.length);
  expect(mounts.filter(({ readOnly }) => !readOnly)).toEqual([]);
  return Object.fromEntries(
    mounts.map(({ name, mountPath }) => [mountPath, volumes.find((one) => one.name === name)?.hostPath]),
  );
}
const java = (runtime: string): YouzanAppProps => propsOf({ ...demoSpec, kind: 'java', runtime });

describe('the mounts of lxcfs', () => {
  it('show a container its own CPUs, memory, disks, load and uptime', () => {
    expect(seenBy({ ...propsOf(demoSpec), lxcfs: true })).toEqual({
      '/var/lib/youzan-lxcfs': { path: '/var/lib/youzan-lxcfs', type: 'Directory' },
      '/proc/cpuinfo': { path: '/var/lib/youzan-lxcfs/fs/proc/cpuinfo', type: 'File' },
      '/proc/diskstats': { path: '/var/lib/youzan-lxcfs/fs/proc/diskstats', type: 'File' },
      '/proc/loadavg': { path: '/var/lib/youzan-lxcfs/fs/proc/loadavg', type: 'File' },
      '/proc/meminfo': { path: '/var/lib/youzan-lxcfs/fs/proc/meminfo', type: 'File' },
      '/proc/stat': { path: '/var/lib/youzan-lxcfs/fs/proc/stat', type: 'File' },
      '/proc/swaps': { path: '/var/lib/youzan-lxcfs/fs/proc/swaps', type: 'File' },
      '/proc/uptime': { path: '/var/lib/youzan-lxcfs/fs/proc/uptime', type: 'File' },
      '/sys/devices/system/cpu/online': {
        path: '/var/lib/youzan-lxcfs/fs/sys/devices/system/cpu/online',
        type: 'File',
      },
    });
  });

  it("are of the company's folder", () => {
    const conventions = defineConventions({ lxcfs: { folder: '/run/lxcfs' } });
    const seen = seenBy({ ...propsOf(demoSpec), conventions, lxcfs: true });
    expect(seen['/proc/meminfo']).toEqual({ path: '/run/lxcfs/fs/proc/meminfo', type: 'File' });
  });

  it.each<[string, YouzanAppProps, number]>([
    ['no app that does not ask for them', propsOf(demoSpec), 0],
    ['no JVM that knows its limits', java('openjdk-17'), 0],
    ['every JVM that does not', java('jdk-8u144'), 9],
    ['no such JVM that does without', { ...java('jdk-8u144'), lxcfs: false }, 0],
  ])('are for %s', (_, props, count) => {
    expect(Object.keys(seenBy(props))).toHaveLength(count);
  });
});
