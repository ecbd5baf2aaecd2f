import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  imageLayers,
  parseAppYaml,
  renderDockerfile,
  type AppSpec,
  type ImageLayer,
} from '../../../src/app-yaml/index.js';
import { defineConventions, isYouzanKubeError, youzanConventions } from '../../../src/conventions/index.js';
import { entrypointTools } from '../../../src/rich-container/index.js';

const spec = parseAppYaml('kind: python\nentrypoint: gunicorn -c gunicorn_config.py wsgi:application\n', {
  file: 'trade-core/app.yaml',
});
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
/** A company's: a registry, a mirror of Debian, and every digest. */
const ours = defineConventions({
  labelPrefix: 'example.com',
  images: {
    registry: 'registry.example/base',
    stacks: {
      'youzanyun-debian12': {
        base: { reference: 'registry.example/mirror/debian:bookworm-slim', digest: digest('a') },
        packages: ['util-linux', 'curl'],
        digest: digest('b'),
      },
    },
    runtimes: { 'python-3.11': { digests: { 'youzanyun-debian12': digest('c') } } },
  },
});
const tools = ['sh', ...entrypointTools].map((tool) => `"${tool}"`).join(',');
const check = (programs: string): string =>
  String.raw`RUN ["/bin/sh","-c","w=0; for p; do command -v \"$p\" >/dev/null || { echo \"the image has no $p\" >&2; w=1; }; done; exit $w","check",${programs}]`;
const linesOf = (layer: ImageLayer, app: AppSpec = spec): string[] =>
  renderDockerfile(app, layer, ours).text.split('\n');

describe('the Dockerfile', () => {
  it('of a stack installs its packages, makes the user and checks what the entrypoint needs', () => {
    expect(renderDockerfile(spec, 'stack', ours)).toEqual({
      layer: 'stack',
      image: 'registry.example/base/stack/youzanyun-debian12',
      from: `registry.example/mirror/debian:bookworm-slim@${digest('a')}`,
      warnings: [],
      text: `FROM registry.example/mirror/debian:bookworm-slim@${digest('a')}
ARG SOURCE_DATE_EPOCH=0
LABEL org.opencontainers.image.title="youzanyun-debian12"
LABEL org.opencontainers.image.base.name="registry.example/mirror/debian:bookworm-slim"
LABEL org.opencontainers.image.base.digest="${digest('a')}"
LABEL example.com/layer="stack"
LABEL example.com/stack="youzanyun-debian12"
USER 0:0
RUN set -eu; \\
    export DEBIAN_FRONTEND=noninteractive; \\
    apt-get -qq update; \\
    apt-get -qq install -y --no-install-recommends curl util-linux; \\
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/lib/dpkg/*-old /tmp/*; \\
    find /var/log /var/cache/debconf -type f -delete; \\
    echo 'app:x:1000:' >>/etc/group; \\
    echo 'app:x:1000:1000::/home/www:/sbin/nologin' >>/etc/passwd; \\
    mkdir -p /home/www
${check(tools)}
USER 1000:1000
`,
    });
  });

  it('of a runtime is built on its stack, and checks its programs', () => {
    const { from, image, text } = renderDockerfile(spec, 'runtime', ours);
    expect([image, from]).toEqual([
      'registry.example/base/runtime/python-3.11:youzanyun-debian12',
      `registry.example/base/stack/youzanyun-debian12@${digest('b')}`,
    ]);
    expect(text).toContain('install -y --no-install-recommends gunicorn python3; ');
    expect(text).toContain(`\n${check('"python3","gunicorn"')}\nUSER 1000:1000\n`);
    expect(text).toContain('LABEL example.com/runtime="python-3.11"\n');
  });

  it('of an app holds the files, which the app may not change, and how it is run', () => {
    expect(linesOf('app')).toEqual([
      `FROM registry.example/base/runtime/python-3.11:youzanyun-debian12@${digest('c')}`,
      'ARG SOURCE_DATE_EPOCH=0',
      'LABEL org.opencontainers.image.title="trade-core"',
      'LABEL org.opencontainers.image.base.name="registry.example/base/runtime/python-3.11:youzanyun-debian12"',
      `LABEL org.opencontainers.image.base.digest="${digest('c')}"`,
      'LABEL example.com/layer="app"',
      'LABEL example.com/stack="youzanyun-debian12"',
      'LABEL example.com/runtime="python-3.11"',
      'LABEL example.com/app="trade-core"',
      'LABEL example.com/kind="python"',
      'USER 0:0',
      'WORKDIR /home/www/trade-core',
      'COPY . .',
      check(`${tools},"gunicorn"`),
      'EXPOSE 8001 8030',
      'USER 1000:1000',
      'STOPSIGNAL SIGTERM',
      'ENTRYPOINT []',
      'CMD ["gunicorn","-c","gunicorn_config.py","wsgi:application"]',
      '',
    ]);
  });

  it('of an app checks the programs of its helpers too, each once', () => {
    const helpers = [
      { name: 'agent', command: ['filebeat', '-e'], after: [] },
      { name: 'again', command: ['filebeat'], after: [] },
      { name: 'shell', command: { shell: 'a | b' }, after: [] },
    ];
    expect(linesOf('app', { ...spec, helpers })).toContain(check(`${tools},"gunicorn","filebeat"`));
  });

  it('of an app leaves a shell text to the shell', () => {
    const entrypoint = { shell: `exec java $JAVA_OPTS -Dx="a 'b'" -jar app.jar` };
    const command = (linesOf('app', { ...spec, entrypoint }).at(-2) ?? '').replace('CMD ', '');
    expect(JSON.parse(command)).toEqual(['/bin/sh', '-c', entrypoint.shell]);
  });

  it('runs yum where the stack has it, and nothing where there is nothing to install', () => {
    const old = { ...spec, stack: 'youzanyun-centos6', runtime: 'python-2.7' };
    expect(renderDockerfile(old, 'runtime').text).toContain('yum -y -q install python27; ');
    expect(renderDockerfile({ ...old, stack: 'youzanyun-centos7' }, 'runtime').text).not.toContain('RUN');
  });

  it.each(imageLayers)('of the layer %s is the same bytes whatever the order of what is said', (layer) => {
    const { ports, helpers } = spec;
    const turned = Object.fromEntries(
      Object.entries({ ...spec, ports: Object.fromEntries(Object.entries(ports).reverse()) }).reverse(),
    );
    expect(renderDockerfile({ ...spec, ...turned, helpers }, layer, ours).text).toBe(
      renderDockerfile(spec, layer, ours).text,
    );
  });

  it.each(imageLayers)('of the layer %s ends as a user that is not root', (layer) => {
    expect(
      linesOf(layer)
        .filter((line) => line.startsWith('USER'))
        .at(-1),
    ).toBe('USER 1000:1000');
  });

  it.each<[ImageLayer, string]>([
    ['stack', 'images.stacks.youzanyun-debian12.base.digest'],
    ['runtime', 'images.stacks.youzanyun-debian12.digest'],
    ['app', 'images.runtimes.python-3.11.digests.youzanyun-debian12'],
  ])(
    'of the layer %s is not pinned without the digest of what is below, and says where it is missing',
    (layer, path) => {
      const { from, warnings } = renderDockerfile(spec, layer);
      expect(from).not.toContain('@');
      expect(warnings).toEqual([{ path, message: expect.stringContaining('is missing') as unknown }]);
    },
  );

  it('is refused with every finding for what the catalogue has not', () => {
    const unknown = { ...spec, stack: 'youzanyun-debian13', runtime: 'python-4' };
    expect(() => renderDockerfile(unknown, 'app')).toThrow(
      expect.objectContaining({
        code: 'IMAGE_INVALID',
        message: expect.stringMatching(
          /2 findings\n {2}stack: "youzanyun-debian13" is not in the catalogue, .*; did you mean "youzanyun-debian12"\?\n {2}runtime: "python-4" is not/,
        ) as unknown,
      }),
    );
  });

  it('is refused where the runtime has no packages for the stack', () => {
    try {
      renderDockerfile({ ...spec, runtime: 'openjdk-8' }, 'stack');
      expect.unreachable();
    } catch (error) {
      if (!isYouzanKubeError(error)) throw error;
      expect(error.findings).toEqual([
        {
          path: 'runtime',
          message:
            '"openjdk-8" has no packages for stack "youzanyun-debian12"; it has for youzanyun-centos6, youzanyun-centos7',
        },
      ]);
    }
  });
});

describe('the catalogue', () => {
  const { kinds, images } = youzanConventions;

  it.each(Object.entries(kinds))('has the stack and the runtime of the kind %s', (name, { stack, runtime }) => {
    const app = { ...spec, kind: name, stack, runtime };
    expect(renderDockerfile(app, 'runtime').text).toContain(`LABEL youzan.com/runtime="${runtime}"`);
  });

  it("has the seed's stack and runtime", () => {
    const seed = readFileSync(new URL('../fixtures/seed.yaml', import.meta.url), 'utf8');
    const { from } = renderDockerfile(parseAppYaml(seed, { file: 'trade-core/app.yaml' }), 'app');
    expect(from).toBe('localhost/runtime/python-2.7:youzanyun-centos6');
  });

  it('pins nothing: which bytes are good, a company says', () => {
    expect(JSON.stringify(images)).not.toContain('sha256');
  });
});
