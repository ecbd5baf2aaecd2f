import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBinary } from '../binaries/build.js';
import { locateBinaries, namedPlaces } from '../binaries/locate.js';
import type { ClusterInfo } from '../cluster/lab-cluster.js';
import { LabError } from '../lab-error.js';
import { startLab } from '../lab/start.js';
import { missingRequirements } from '../requirements.js';
import { mergedFiles } from './kubeconfig.js';
import { announce, findLabs, type Standing } from './standing-lab.js';

const clusters = { 'bc-a': { idc: 'bc', nodes: 2 }, 'bc-b': { idc: 'bc', nodes: 2 } } as const;
const names = Object.keys(clusters);

/** Ends the process well when it is told to end: that is how this command ends. What is up goes as it exits. */
function endWhenTold(say: (line: string) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      const start = Date.now();
      process.on('exit', () => say(`down in ${((Date.now() - start) / 1000).toFixed(1)} s`));
      process.exit(0);
    });
}

const usage = ({ kubeconfig, programs }: Standing, folder: string): string => `
In another terminal:
  npm run lab -- shell      a shell in which kubectl knows both clusters
  npm run lab -- status     clusters, nodes, processes, memory
  npm run lab -- down       ends it; so does Ctrl-C here

or by hand:
  export KUBECONFIG=${kubeconfig} PATH=${programs}:$PATH
${names.map((name) => `  kubectl --context ${name} get nodes\n`).join('')}
Logs: ${names.map((name) => join(folder, name, 'logs')).join(', ')}
`;

/** Starts two clusters of two nodes each and stays until it is told to end. */
export async function up(say: (line: string) => void): Promise<void> {
  const present = findLabs().find(({ standing, alive }) => standing !== undefined && alive);
  if (present !== undefined)
    throw new LabError(
      `a lab is up already: process ${present.owner.pid}, ${present.slot.folder}`,
      'use it: npm run lab -- shell; or end it: npm run lab -- down',
    );
  const missing = missingRequirements();
  if (missing.length > 0)
    throw new LabError(`the lab can't run here:\n${missing.map((line) => `  - ${line}`).join('\n')}`);
  if (namedPlaces().length === 0) await buildBinary('kubernetes', say);

  const start = Date.now();
  endWhenTold(say);
  const lab = await startLab({ clusters: {}, say });
  const { folder } = lab;
  const starting: Standing = {
    since: new Date().toISOString(),
    kubeconfig: join(folder, 'kubeconfig'),
    programs: join(folder, 'bin'),
    clusters: [],
  };
  announce(folder, starting);
  say(`starting two clusters in ${folder}`);
  try {
    await lab.add(clusters);
  } catch (error) {
    lab.stop();
    throw error;
  }
  const infos = names.map((each): ClusterInfo => {
    const { name, idc, kubeconfig, url, logFolder, nodes } = lab.cluster(each);
    return { name, idc, kubeconfig, url, logFolder, nodes };
  });
  writeFileSync(starting.kubeconfig, mergedFiles(infos.map(({ kubeconfig }) => kubeconfig)), { mode: 0o600 });
  mkdirSync(starting.programs);
  // The binary is what it is called.
  symlinkSync(locateBinaries().kubectl[0] ?? '', join(starting.programs, 'kubectl'));
  announce(folder, { ...starting, clusters: infos });
  say(`up in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  console.log(usage(starting, folder));
  setInterval(() => undefined, 60_000);
}
