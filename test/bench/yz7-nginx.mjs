// What routing through the yz7 reference gateway costs a worker's CPU, beside a static `upstream` block with the same
// proxy settings: alternating rounds of wrk, each against one worker, over the same servers.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const budget = 1.15;
const rounds = Number(process.env.ROUNDS ?? 25);
const seconds = Number(process.env.SECONDS ?? 1);
const connections = 32;
const servers = 8;
const ticksPerSecond = 100;
const nginx = '/usr/sbin/nginx';
const start = fileURLToPath(new URL('../../examples/yz7-nginx/start.sh', import.meta.url));
/** As a browser or an HTTP client of a service sends and a small page or API answers. */
const usual = {
  Accept: 'application/json, text/plain, */*',
  'Accept-Encoding': 'gzip, deflate, br',
  'Accept-Language': 'zh-CN,zh;q=0.9,en;q=0.8',
  Cookie: `session=${'0123456789abcdef'.repeat(4)}; locale=zh_CN`,
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
};
const answer = JSON.stringify({ items: 'x'.repeat(2000) });
const token = 'bench';
const upstream = 'trade-core.http';
const host = 'shop.example';

const needed = { nginx, 'libnginx-mod-http-lua': '/usr/lib/nginx/modules/ngx_http_lua_module.so', wrk: '/usr/bin/wrk' };
const missing = Object.entries(needed).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
if (missing.length > 0) {
  console.log(`routing through yz7 is not measured: apt-get install -y ${missing.join(' ')}`);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'yz7-bench-'));
const started = [];

async function freePorts(count) {
  const open = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = open.map((server) => server.address().port);
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function waitFor(url) {
  for (let tries = 0; tries < 500; tries += 1) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url} does not answer`);
}

function nginxOf(name, http) {
  const dir = join(folder, name);
  mkdirSync(dir);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  );
  const text = `daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 8192; }
http { access_log off; server_tokens off; ${temporary.join(' ')} ${http} }`;
  writeFileSync(join(dir, 'nginx.conf'), text);
  const child = spawn(nginx, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')], {
    stdio: 'ignore',
  });
  started.push(child);
  return child.pid;
}

const proxySettings = `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
proxy_set_header TE ""; proxy_set_header Trailer ""; proxy_set_header Proxy-Connection "";
proxy_set_header Proxy-Authorization ""; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_connect_timeout 1s; proxy_next_upstream error timeout;`;

function startStatic(port, backends) {
  const list = backends.map((each) => `server 127.0.0.1:${each};`).join(' ');
  const server = `server { listen 127.0.0.1:${port}; request_pool_size 8k; location / { proxy_pass http://plain; ${proxySettings} } }`;
  return nginxOf('static', `upstream plain { ${list} keepalive 256; keepalive_requests 100000; } ${server}`);
}

async function admin(origin, method, path, body) {
  const reply = await fetch(`${origin}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
}

async function startYz7(adminPort, dataPort, backends) {
  const dir = join(folder, 'yz7');
  mkdirSync(dir);
  writeFileSync(join(dir, 'tokens.json'), JSON.stringify([{ token, sources: ['*'] }]));
  const flags = ['--idc', 'bc', '--tokens', join(dir, 'tokens.json'), '--dir', dir, '--workers', '1'];
  const ports = ['--admin-port', String(adminPort), '--data-port', String(dataPort)];
  const child = spawn('sh', [start, ...flags, ...ports], { stdio: 'ignore' });
  started.push(child);
  const origin = `http://127.0.0.1:${adminPort}`;
  await waitFor(`${origin}/readyz`);
  const list = backends.map((port, index) => ({
    ip: '127.0.0.1',
    port,
    uid: `pod-${index}`,
    labels: { color: 'stable' },
  }));
  const chained = list.map((server) => ({
    ...server,
    uid: `sc-${server.uid}`,
    labels: { color: 'stable', sc: 'sc-1' },
  }));
  const source = (idc, name) => `/upstreams/${name}/sources/k8s.${idc}.a`;
  await admin(origin, 'POST', '/sources/k8s.bc.a/claim', { generation: '1', writer: 'bench' });
  await admin(origin, 'PUT', source('bc', upstream), { generation: '1', servers: list });
  await admin(origin, 'PUT', source('bc', `sc.${upstream}`), { generation: '2', servers: chained });
  await admin(origin, 'PUT', '/chains/sc-1', { upstreams: [`sc.${upstream}`] });
  const target = (name, color) => ({ upstream: name, selector: { color }, weight: 50 });
  await admin(origin, 'PUT', '/routes/all', { hosts: [host], targets: [target(upstream, 'stable')] });
  await admin(origin, 'PUT', '/routes/api', {
    hosts: [host],
    match: { path: '/api', headers: [{ name: 'x-user', value: '7' }] },
    targets: [target(upstream, 'stable'), target(`sc.${upstream}`, 'stable')],
  });
  await admin(origin, 'PUT', '/routes/chained', {
    hosts: [host],
    match: { path: '/api' },
    targets: [target(upstream, 'stable'), target(`sc.${upstream}`, 'stable')],
  });
  return child.pid;
}

async function workerOf(master) {
  const [pid] = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').split(' ').filter(Boolean);
  return Number(pid);
}

function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Microseconds of a worker's CPU a request, in one round. */
function measure({ pid, port, path = '/', headers = {} }) {
  const before = cpuSeconds(pid);
  const sent = Object.entries({ ...usual, ...headers }).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const url = `http://127.0.0.1:${port}${path}`;
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, ...sent, url];
  const { stdout } = spawnSync('wrk', args, { encoding: 'utf8' });
  const used = cpuSeconds(pid) - before;
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (!(requests > 0) || /Non-2xx/.test(stdout)) throw new Error(`wrk against ${url}: ${stdout}`);
  return (used / requests) * 1e6;
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const quantile = (values, share) => sorted(values)[Math.round((values.length - 1) * share)];

async function main() {
  const [adminPort, dataPort, staticPort, ...backends] = await freePorts(3 + servers);
  const listens = backends.map((port) => `listen 127.0.0.1:${port};`).join(' ');
  nginxOf(
    'backend',
    `keepalive_requests 1000000; server { ${listens} default_type application/json; location / { return 200 '${answer}'; } }`,
  );
  const masters = [startStatic(staticPort, backends), await startYz7(adminPort, dataPort, backends)];
  await waitFor(`http://127.0.0.1:${staticPort}/`);
  const [plain, yz7] = await Promise.all(masters.map(workerOf));
  const chain = JSON.stringify({ name: 'sc-1' });
  const ways = {
    'static upstream': { pid: plain, port: staticPort },
    'yz7, host names the upstream': { pid: yz7, port: dataPort, headers: { Host: upstream } },
    'yz7, route': { pid: yz7, port: dataPort, headers: { Host: host } },
    'yz7, route by path and service chain': {
      pid: yz7,
      port: dataPort,
      path: '/api/orders?page=2',
      headers: { Host: host, 'X-Service-Chain': chain },
    },
  };
  const costs = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const way of Object.values(ways)) measure(way);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) costs[name].push(measure(way));
  }
  console.log(
    `worker CPU a request, ${rounds} alternating rounds of ${seconds} s, ${servers} servers, answers of ${answer.length} bytes`,
  );
  const floor = costs['static upstream'];
  for (const [name, values] of Object.entries(costs)) {
    const ratios = values.map((value, round) => value / floor[round]);
    const spread = `${quantile(values, 0).toFixed(1)} to ${quantile(values, 1).toFixed(1)}`;
    const ratio = `${quantile(ratios, 0.5).toFixed(3)} (${quantile(ratios, 0.1).toFixed(3)} to ${quantile(ratios, 0.9).toFixed(3)})`;
    console.log(
      `  ${name.padEnd(38)} median ${quantile(values, 0.5).toFixed(1)} µs (${spread}), of the static one's ${ratio}`,
    );
  }
  console.log(`  allowed: ${budget} times the static one's`);
}

try {
  await main();
} finally {
  for (const child of started) {
    const workers = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean);
    for (const pid of [child.pid, ...workers.map(Number)]) process.kill(pid, 'SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true });
}
