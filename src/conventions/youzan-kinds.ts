import type { AppKind, AppKindName } from './app-kind.js';

/** The app kinds of {@link youzanConventions}. Commands read their configuration from the app's own folder. */
export const youzanKinds: Readonly<Record<AppKindName, AppKind>> = {
  java: {
    runtimes: ['java', 'jdk', 'openjdk', 'jre'],
    roles: ['http', 'rpc', 'manage'],
    terminationSignal: 'TERM',
    stack: 'youzanyun-debian12',
    runtime: 'openjdk-17',
    command: { shell: 'exec java $JAVA_OPTS -jar app.jar' },
  },
  node: {
    runtimes: ['node', 'nodejs'],
    roles: ['http', 'manage'],
    terminationSignal: 'TERM',
    stack: 'youzanyun-debian12',
    runtime: 'node-18',
  },
  python: {
    runtimes: ['python', 'pypy'],
    roles: ['http', 'manage'],
    terminationSignal: 'TERM',
    stack: 'youzanyun-debian12',
    runtime: 'python-3.11',
    // Else the last lines before a crash stay in a buffer and reach no log.
    env: { PYTHONUNBUFFERED: '1' },
  },
  // php-fpm speaks no HTTP: an app has a web server before it, as a helper. TERM would cut requests off.
  php: {
    runtimes: ['php'],
    roles: ['http', 'rpc', 'manage'],
    terminationSignal: 'QUIT',
    stack: 'youzanyun-debian12',
    runtime: 'php-8.2',
    command: ['php-fpm8.2', '--nodaemonize', '--fpm-config', 'php-fpm.conf'],
  },
  static: {
    runtimes: ['static', 'nginx', 'tengine'],
    roles: ['http'],
    terminationSignal: 'QUIT',
    stack: 'youzanyun-debian12',
    runtime: 'nginx-1.22',
    command: ['nginx', '-p', '.', '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'],
    switch: 'none',
    hooks: { health: { role: 'http', path: '/', expect: false } },
  },
  generic: {
    runtimes: ['generic'],
    roles: ['http', 'manage'],
    terminationSignal: 'TERM',
    stack: 'youzanyun-debian12',
    runtime: 'generic',
  },
};
