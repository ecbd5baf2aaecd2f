import { defineConventions, parseAppYaml, renderDockerfile } from 'youzan-kube';

const conventions = defineConventions({
  images: {
    registry: 'registry.example/base',
    stacks: {
      'youzanyun-debian12': {
        base: {
          reference: 'registry.example/mirror/debian:bookworm-slim',
          digest: 'sha256:1111111111111111111111111111111111111111111111111111111111111111',
        },
        digest: 'sha256:2222222222222222222222222222222222222222222222222222222222222222',
      },
    },
    runtimes: {
      'python-3.11': {
        digests: { 'youzanyun-debian12': 'sha256:3333333333333333333333333333333333333333333333333333333333333333' },
      },
    },
  },
});
const spec = parseAppYaml('kind: python\nentrypoint: gunicorn wsgi:application\n', { file: 'trade-core/app.yaml' });

export const { text, warnings } = renderDockerfile(spec, 'app', conventions);
