import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { bundlesOf } from '../bundles.js';
import { check } from '../check.js';
import type { Step } from '../step.js';

export const synth: Step = {
  name: 'synth',
  title: 'app.yaml -> manifests for both clusters',
  async run(world) {
    const bundles = await bundlesOf(world, '1.0.0');
    check(bundles.length === 2, `expected a bundle for each of two clusters, got ${bundles.length}`);
    let count = 0;
    for (const bundle of bundles) {
      const folder = join(world.folder, 'manifests', bundle.cluster);
      mkdirSync(folder, { recursive: true });
      const file = join(folder, bundle.fileName);
      writeFileSync(file, bundle.yaml);
      const read: unknown[] = parseAllDocuments(readFileSync(file, 'utf8')).map(
        (document) => document.toJS() as unknown,
      );
      check(
        isDeepStrictEqual(read, bundle.objects),
        `${bundle.cluster}: ${file} does not read back as the objects that were synthesized`,
      );
      count += read.length;
    }
    return `${count} objects in ${join(world.folder, 'manifests')}`;
  },
};
