import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { youzanConventions } from '../../src/conventions/index.js';
import { blocksOf, readPage, tableOf } from './page.js';

const page = readPage('scaling.md');

afterEach(() => vi.restoreAllMocks());

/** What a page's example prints, as objects. */
async function printedBy(load: () => Promise<unknown>): Promise<{ readonly kind: string; readonly spec: unknown }[]> {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  await load();
  return parseAllDocuments(printed.join('')).map((one) => one.toJS() as { kind: string; spec: unknown });
}

describe('docs/scheduling.md', () => {
  it('has an example of an app that is choosy', async () => {
    const objects = await printedBy(() => import('./examples/scheduling.js'));
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    expect(deployment?.spec).toMatchObject({
      template: {
        spec: {
          affinity: { nodeAffinity: {} },
          priorityClassName: 'core',
          tolerations: [{ value: 'burst' }],
          topologySpreadConstraints: [{ whenUnsatisfiable: 'ScheduleAnyway' }, { whenUnsatisfiable: 'DoNotSchedule' }],
        },
      },
    });
  });
});

describe('docs/scaling.md', () => {
  it('has an example of an app with all its autoscalers, and of lxcfs for it', async () => {
    const objects = await printedBy(() => import('./examples/scaling.js'));
    expect(objects.map(({ kind }) => kind)).toEqual([
      'DaemonSet',
      'Service',
      'PodDisruptionBudget',
      'Deployment',
      'HorizontalPodAutoscaler',
      'VerticalPodAutoscaler',
    ]);
  });

  it('lists the resource classes', () => {
    const rows = Object.entries(youzanConventions.resourceClasses).map(([name, { requests, limits }]) => [
      name,
      `${requests.cpu} CPU, ${requests.memory}`,
      `${limits.cpu ?? 'no'} CPU, ${limits.memory}`,
    ]);
    expect(tableOf(page, 'Resources')).toEqual(rows);
  });

  it("says the JVM's share and the folder's name as they are", () => {
    expect(page).toContain(`heap, ${youzanConventions.jvm.maxRamPercentage} % of the memory limit`);
    expect(page).toContain(`getenv("${youzanConventions.jvm.preload.variable}")`);
  });

  const java = ['-XX:-UseContainerSupport', '-XX:+PrintFlagsFinal', '-version'];
  const able = ['cc', 'java'].every((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);
  if (!able) console.log("skipped, for there is no cc or no java here: the page's library counts the CPUs for a JVM");
  it.skipIf(!able)('has a library that counts the CPUs for a JVM that does not look at its container', () => {
    const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-preload-'));
    try {
      const [source, library] = [join(folder, 'cpus.c'), join(folder, 'libcontainercpus.so')];
      writeFileSync(source, blocksOf(page, 'c')[0] ?? '');
      execFileSync('cc', ['-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'pipe' });
      const env = { ...process.env, LD_PRELOAD: library, CONTAINER_CPUS: '1' };
      const flags = execFileSync('java', java, { env, encoding: 'utf8', stdio: 'pipe' });
      // With one CPU a JVM takes the collector that has one thread.
      expect(flags).toMatch(/UseSerialGC\s+= true/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
