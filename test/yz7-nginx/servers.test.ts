// Machines outside Kubernetes, put to real nginx while it serves them.
import { createServer, get, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { parseServersYaml, putServers } from '../../src/k8s-sync/index.js';
import { isNginxMissing, NginxYz7 } from './nginx-gateway.js';

describe.skipIf(isNginxMissing())('servers put to the reference yz7', () => {
  let yz7: NginxYz7;
  let gateway: Gateway;
  const machines: HttpServer[] = [];
  const ports = (): number[] => machines.map((machine) => (machine.address() as AddressInfo).port);

  beforeAll(async () => {
    yz7 = await NginxYz7.start();
    gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url: yz7.adminUrl, token: NginxYz7.token });
    for (const name of ['one', 'two', 'three']) {
      const machine = createServer((_, response) => response.end(name));
      await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve));
      machines.push(machine);
    }
  });
  afterAll(async () => {
    await gateway.close();
    await yz7.stop();
    for (const machine of machines) machine.close();
  });

  const put = (...which: readonly number[]) => {
    const list = which.map((index) => `{ ip: 127.0.0.1, port: ${ports()[index]} }`).join(', ');
    const upstreams = parseServersYaml(`upstreams: { shop.http: [${list}] }`, { file: 'vm.yaml' });
    return putServers({ gateways: [gateway], source: 'vm.bc', upstreams });
  };
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      get(yz7.dataUrl, { headers: { host: 'shop.http' } }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve(`${answer.statusCode} ${text}`));
      }).on('error', reject);
    });

  it('replaces them all without a failed request, and is served by the new ones alone', async () => {
    expect((await put(0, 1)).gateways).toMatchObject([{ outcome: 'done' }]);
    const answers: string[] = [];
    let isOver = false;
    const load = (async () => {
      while (!isOver) answers.push(await ask());
    })();
    expect((await put(2)).gateways).toMatchObject([{ outcome: 'done' }]);
    isOver = true;
    await load;
    expect(answers.filter((answer) => !answer.startsWith('200'))).toEqual([]);
    expect(answers.length).toBeGreaterThan(10);
    expect(await ask()).toBe('200 three');
    expect((await put(2)).gateways).toMatchObject([{ outcome: 'unchanged' }]);
  });

  it('goes on after every process was killed in between', async () => {
    await yz7.killAll();
    await yz7.run();
    expect((await put(0, 2)).gateways).toMatchObject([{ outcome: 'done' }]);
    expect((await gateway.readSource('shop.http', 'vm.bc'))?.servers).toHaveLength(2);
  });
});
