// One lab for all files of a run, in vitest's own process. It starts empty; each file brings up the clusters it needs.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { serveLab } from './lab/serve.js';
import { startLab } from './lab/start.js';

declare module 'vitest' {
  interface ProvidedContext {
    labSocket: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const lab = await startLab({ clusters: {}, say: (line) => console.log(`lab: ${line}`) });
  console.log(`lab: its files are in ${lab.folder}`);
  project.provide('labSocket', await serveLab(lab));
  return () => {
    if (project.vitest.state.getCountOfFailedTests() > 0) {
      const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-lab-logs-'));
      lab.keepLogs(folder);
      console.log(`lab: the logs of every process are in ${folder}`);
    }
    const start = Date.now();
    lab.stop();
    console.log(`lab: down in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  };
}
