// What the lab builds, each from a Go module of its own, so that none decides another's versions.
import { fileURLToPath } from 'node:url';

export interface GoModule {
  readonly title: string;
  /** Where its go.mod and go.sum are. */
  readonly folder: string;
  /** Files beside those two that go into the binary. */
  readonly sources: readonly string[];
  /** What is built: a package of the module or of one that it requires. */
  readonly package: string;
  /** The requirement whose version is the binary's. */
  readonly requires: string;
  /** Packages that are told their version as Kubernetes' own build tells it. */
  readonly stamped: readonly string[];
  /** About so long on two cores when nothing is cached. */
  readonly coldMinutes: number;
}

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** By the name of the program that is built. */
export const modules = {
  kubernetes: {
    title: 'Kubernetes',
    folder: folderOf('.'),
    sources: ['main.go'],
    package: '.',
    requires: 'k8s.io/kubernetes',
    stamped: ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'],
    coldMinutes: 5,
  },
  multus: {
    title: 'Multus',
    folder: folderOf('multus/'),
    sources: [],
    package: 'gopkg.in/k8snetworkplumbingwg/multus-cni.v4/cmd/multus',
    requires: 'gopkg.in/k8snetworkplumbingwg/multus-cni.v4',
    stamped: [],
    coldMinutes: 1,
  },
  whereabouts: {
    title: 'whereabouts',
    folder: folderOf('whereabouts/'),
    sources: [],
    package: 'github.com/k8snetworkplumbingwg/whereabouts/cmd',
    requires: 'github.com/k8snetworkplumbingwg/whereabouts',
    stamped: [],
    coldMinutes: 1,
  },
  kwok: {
    title: 'KWOK',
    folder: folderOf('kwok/'),
    sources: [],
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    requires: 'sigs.k8s.io/kwok',
    stamped: [],
    coldMinutes: 2,
  },
  // Needs Go 1.26.4, as its go.mod says.
  'metrics-server': {
    title: 'metrics-server',
    folder: folderOf('metrics-server/'),
    sources: [],
    package: 'sigs.k8s.io/metrics-server/cmd/metrics-server',
    requires: 'sigs.k8s.io/metrics-server',
    stamped: [],
    coldMinutes: 3,
  },
} as const satisfies Readonly<Record<string, GoModule>>;

export type ModuleName = keyof typeof modules;

export const moduleNames = Object.keys(modules) as readonly ModuleName[];
