import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { provideProgram } from '../binaries/build.js';
import { locateBinaries } from '../binaries/locate.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { startCluster, type RunningCluster } from '../cluster/start.js';
import { makeImageStore } from '../images/image-store.js';
import { LabError } from '../lab-error.js';
import { addressesOf } from '../network/addresses.js';
import { makeBridge } from '../network/bridge.js';
import { mergeSpecs, type ClusterSpec } from './cluster-spec.js';
import { atEveryExit } from './exits.js';
import { openRecord } from './record.js';
import { leaveSlot, takeSlot } from './slot.js';

export interface LabSpec {
  /** By name: `{ 'bc-a': { idc: 'bc' } }`. */
  readonly clusters: Readonly<Record<string, ClusterSpec>>;
  /** Gets a line as each cluster comes up; default: nobody. */
  readonly say?: (line: string) => void;
}

export interface Lab {
  /** Its files; gone after `stop`. */
  readonly folder: string;
  cluster(name: string): LabCluster;
  /** Starts those clusters, and nodes of theirs, that are not there yet, side by side. */
  add(clusters: LabSpec['clusters']): Promise<void>;
  /** Copies the logs of all processes. */
  keepLogs(folder: string): void;
  /** Ends and removes everything. Throws with what could not be removed. */
  stop(): void;
}

/** Starts a lab in a free slot, after taking away what earlier, crashed labs have left. */
export async function startLab({ clusters, say = () => undefined }: LabSpec): Promise<Lab> {
  const binaries = locateBinaries();
  const slot = takeSlot();
  const addresses = addressesOf(slot.number);
  const record = openRecord(slot.recordFile);
  const specs = new Map<string, ClusterSpec>();
  const programs = new Map<string, Promise<string>>();
  const running = new Map<string, Promise<RunningCluster>>();
  const ready = new Map<string, LabCluster>();
  let imageStore: Promise<string> | undefined;
  let ending = false;

  const made: typeof record.add = (what) => {
    if (ending) throw new LabError('the lab is ending');
    record.add(what);
  };
  const end = (): readonly string[] => {
    if (ending) return [];
    ending = true;
    return leaveSlot(slot);
  };
  const stayAtExit = atEveryExit(() => {
    for (const line of end()) process.stderr.write(`not removed: ${line}\n`);
  });

  const images = (): Promise<string> => (imageStore ??= makeImageStore(join(slot.folder, 'images'), made));

  /** Built when first asked for. */
  const program = (name: 'multus' | 'kwok'): Promise<string> => {
    const provided = programs.get(name) ?? provideProgram(name, say);
    programs.set(name, provided);
    return provided;
  };

  const bringUp = async (name: string, spec: ClusterSpec, number: number): Promise<RunningCluster> => {
    const multus = spec.secondNetwork === true ? await program('multus') : undefined;
    const start = Date.now();
    const cluster = await startCluster({
      name,
      idc: spec.idc,
      number,
      folder: join(slot.folder, name),
      prefix: slot.prefix,
      addresses,
      binaries,
      apiServerFlags: spec.apiServerFlags ?? [],
      multus,
      imageStore: images,
      made,
    });
    ready.set(name, cluster);
    say(`${name}: up in ${((Date.now() - start) / 1000).toFixed(1)} s, ${cluster.url}`);
    return cluster;
  };

  const addNodes = async (cluster: RunningCluster, { nodes = 0, scale }: ClusterSpec): Promise<void> => {
    const start = Date.now();
    const seconds = (): string => ((Date.now() - start) / 1000).toFixed(1);
    const before = cluster.nodes.length;
    await cluster.ensureNodes(nodes);
    if (cluster.nodes.length > before) say(`${cluster.name}: ${cluster.nodes.length} nodes ready, ${seconds()} s`);
    if (scale === undefined || scale.nodes === 0) return;
    await cluster.ensureKwokNodes(scale.nodes, await program('kwok'));
    say(`${cluster.name}: ${scale.nodes} nodes of KWOK ready, ${seconds()} s`);
  };

  const lab: Lab = {
    folder: slot.folder,
    cluster(name) {
      const cluster = ready.get(name);
      if (cluster !== undefined) return cluster;
      throw new LabError(`the lab has no cluster ${name}; it has ${[...ready.keys()].join(', ') || 'none'}`);
    },
    async add(more) {
      // While the control planes start.
      if (Object.values(more).some(({ nodes = 0 }) => nodes > 0)) images().catch(() => undefined);
      const all = Object.entries(more).map(([name, asked]) => {
        const spec = mergeSpecs(name, specs.get(name), asked);
        specs.set(name, spec);
        const cluster = running.get(name) ?? bringUp(name, spec, running.size + 1);
        running.set(name, cluster);
        return cluster.then((up) => addNodes(up, spec));
      });
      await Promise.all(all);
    },
    keepLogs(folder) {
      for (const name of running.keys()) {
        const logs = join(slot.folder, name, 'logs');
        mkdirSync(folder, { recursive: true });
        if (existsSync(logs)) cpSync(logs, join(folder, name), { recursive: true });
      }
    },
    stop() {
      stayAtExit();
      const left = end();
      if (left.length > 0) throw new LabError(`the lab has left behind:\n  ${left.join('\n  ')}`);
    },
  };

  try {
    made({ kind: 'link', name: slot.prefix });
    await makeBridge(slot.prefix, addresses);
    await lab.add(clusters);
    return lab;
  } catch (error) {
    lab.stop();
    throw error;
  }
}
