import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { provideProgram } from '../binaries/build.js';
import { locateBinaries } from '../binaries/locate.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { startCluster, type RunningCluster } from '../cluster/start.js';
import { makeImageStore } from '../images/image-store.js';
import { LabError } from '../lab-error.js';
import { addressesOf } from '../network/addresses.js';
import { makeBridge } from '../network/bridge.js';
import { mostClusters } from '../node/node-place.js';
import { run } from '../processes/run.js';
import { mergeSpecs, type ClusterSpec } from './cluster-spec.js';
import { atEveryExit } from './exits.js';
import { type Made, openRecord, undo } from './record.js';
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
  /**
   * Starts those clusters, and nodes of theirs, that are not there yet, side by side. Where it is said who needs them,
   * clusters of users that have left, and that nobody asked for lately, are ended first.
   */
  add(clusters: LabSpec['clusters'], user?: string): Promise<void>;
  /** Says that a user needs its clusters no more. They stay up until there are too many of them. */
  leave(user: string): void;
  /** Copies the logs of all processes. */
  keepLogs(folder: string): void;
  /** Ends and removes everything. Throws with what could not be removed. */
  stop(): void;
}

/** Clusters that nobody uses and that stay up, since another may need them: a machine has 128 inotify instances. */
const mostIdle = 2;

/** One cluster of a lab, with all that it has made, so that it can be ended while the lab goes on. */
interface Place {
  readonly number: number;
  readonly spec: ClusterSpec;
  readonly made: Made[];
  readonly running: Promise<RunningCluster>;
  user: string | undefined;
  hasFailed: boolean;
}

/** Starts a lab in a free slot, after taking away what earlier, crashed labs have left. */
export async function startLab({ clusters, say = () => undefined }: LabSpec): Promise<Lab> {
  const binaries = locateBinaries();
  const slot = takeSlot();
  const addresses = addressesOf(slot.number);
  const record = openRecord(slot.recordFile);
  /** Those that were asked for last come last. */
  const places = new Map<string, Place>();
  const endedLogs: string[] = [];
  const programs = new Map<string, Promise<string>>();
  const ready = new Map<string, LabCluster>();
  let imageStore: Promise<string> | undefined;
  let lastNumber = 0;
  let ending = false;
  /** One clears after the other: none may end what another is ending. */
  let clearing = Promise.resolve();

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

  const bringUp = async (name: string, spec: ClusterSpec, number: number, own: Made[]): Promise<RunningCluster> => {
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
      made: (what) => {
        made(what);
        own.push(what);
      },
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

  /** Numbers are used again as late as can be. */
  const nextNumber = (): number => {
    const taken = new Set([...places.values()].map(({ number }) => number));
    for (let tries = 0; tries < mostClusters; tries += 1) {
      lastNumber = (lastNumber % mostClusters) + 1;
      if (!taken.has(lastNumber)) return lastNumber;
    }
    throw new LabError(`a lab has at most ${mostClusters} clusters: ${[...places.keys()].join(', ')}`);
  };

  const endCluster = async (name: string, { running, made: own }: Place): Promise<void> => {
    await running.catch(() => undefined);
    places.delete(name);
    ready.delete(name);
    const left = undo(own);
    const [folder, kept] = [join(slot.folder, name), join(slot.folder, `ended-${endedLogs.length + 1}-${name}`)];
    if (existsSync(join(folder, 'logs'))) {
      renameSync(join(folder, 'logs'), kept);
      endedLogs.push(kept);
    }
    rmSync(folder, { recursive: true, force: true });
    // Another cluster may get its addresses.
    await run(['ip', 'neighbour', 'flush', 'dev', slot.prefix]);
    if (left.length > 0) throw new LabError(`${name} has left behind:\n  ${left.join('\n  ')}`);
    say(`${name}: ended`);
  };

  const endUnused = async (wanted: LabSpec['clusters']): Promise<void> => {
    const others = [...places].filter(([, place]) => place.user === undefined);
    const isFresh = Object.keys(wanted).some((name) => places.get(name)?.hasFailed ?? true);
    const idle = others.filter(([name]) => !(name in wanted));
    const spare = isFresh ? idle.slice(0, Math.max(0, idle.length - mostIdle)) : [];
    for (const [name, place] of others)
      if (place.hasFailed || spare.some(([other]) => other === name)) await endCluster(name, place);
  };

  /** The place of a cluster, which is started when it is not up. */
  const placeOf = (name: string, asked: ClusterSpec, user: string | undefined): Place => {
    const known = places.get(name);
    const spec = mergeSpecs(name, known?.spec, asked);
    const number = known?.number ?? nextNumber();
    const own = known?.made ?? [];
    const running = known?.running ?? bringUp(name, spec, number, own);
    const place = { number, spec, made: own, running, user, hasFailed: false };
    places.delete(name);
    places.set(name, place);
    return place;
  };

  const lab: Lab = {
    folder: slot.folder,
    cluster(name) {
      const cluster = ready.get(name);
      if (cluster !== undefined) return cluster;
      throw new LabError(`the lab has no cluster ${name}; it has ${[...ready.keys()].join(', ') || 'none'}`);
    },
    async add(more, user) {
      if (user !== undefined) await (clearing = clearing.catch(() => undefined).then(() => endUnused(more)));
      // While the control planes start.
      if (Object.values(more).some(({ nodes = 0 }) => nodes > 0)) images().catch(() => undefined);
      const all = Object.entries(more).map(async ([name, asked]) => {
        const place = placeOf(name, asked, user);
        try {
          await addNodes(await place.running, place.spec);
        } catch (error) {
          place.hasFailed = true;
          throw error;
        }
      });
      await Promise.all(all);
    },
    leave(user) {
      for (const place of places.values()) if (place.user === user) place.user = undefined;
    },
    keepLogs(folder) {
      const logs = [...places.keys()].map((name) => [name, join(slot.folder, name, 'logs')] as const);
      const ended = endedLogs.map((path) => [basename(path), path] as const);
      mkdirSync(folder, { recursive: true });
      for (const [name, path] of [...logs, ...ended])
        if (existsSync(path)) cpSync(path, join(folder, name), { recursive: true });
    },
    stop() {
      stayAtExit();
      const left = end();
      if (left.length > 0) throw new LabError(`the lab has left behind:\n  ${left.join('\n  ')}`);
    },
  };

  try {
    made({ kind: 'link', name: slot.prefix });
    made({ kind: 'cgroup', name: slot.prefix });
    await makeBridge(slot.prefix, addresses);
    await lab.add(clusters);
    return lab;
  } catch (error) {
    lab.stop();
    throw error;
  }
}
