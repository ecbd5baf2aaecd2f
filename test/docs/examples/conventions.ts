import { defineConventions, parseAppYaml } from 'youzan-kube';

export const conventions = defineConventions({
  labelPrefix: 'example.com',
  ports: { http: 8080 },
  reservedPorts: { sidecar: 15_001 },
  kinds: {
    deno: {
      runtimes: ['deno'],
      roles: ['http', 'manage', 'metrics'],
      terminationSignal: 'INT',
      stack: 'youzanyun-debian12',
      runtime: 'deno-2',
      env: { DENO_NO_UPDATE_CHECK: '1' },
    },
  },
  environments: { staging: { runMode: 'pre' } },
  hooks: { health: { path: '/healthz', expect: 'ok' }, drainSeconds: 10 },
});

/** Every function that reads conventions takes them; those that are not given any take Youzan's. */
export const spec = parseAppYaml('kind: deno\nentrypoint: deno run app.ts\n', {
  file: 'trade-core/app.yaml',
  conventions,
});
