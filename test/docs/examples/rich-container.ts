import { renderEntrypoint, renderHooks, type ProcessSpec } from 'youzan-kube';

const processes: ProcessSpec[] = [
  {
    name: 'log-agent',
    command: ['filebeat', '-e'],
    ready: { type: 'http', port: 5066, path: '/', deadlineSeconds: 10 },
    output: 'prefix',
  },
  { name: 'web', main: true, command: ['nginx', '-g', 'daemon off;'], after: ['log-agent'], signals: { TERM: 'QUIT' } },
];

const graceSeconds = 30;
export const hooks = renderHooks({ preload: { path: '/warm', deadlineSeconds: 30 }, stop: { deadlineSeconds: 27 } });
export const entrypoint = renderEntrypoint({ processes, graceSeconds, offline: hooks.offline });

/** The container; its pod has this and the hooks' `postStart` and `preStop` as `lifecycle`, each by `/bin/sh -c`. */
export const container = { command: ['/bin/sh', '-c', entrypoint] };
export const terminationGracePeriodSeconds = hooks.budgetSeconds.preStop + graceSeconds + 2;
