// A lab that serves file after file: what nobody needs any more makes room.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectApi } from '../contract/kubernetes/client.js';
import { type Lab, startLab } from './lab/start.js';

const idc = 'bc';

describe('a lab whose clusters are needed by one file after the other', () => {
  let lab: Lab;
  const logs = (): readonly string[] => readdirSync(lab.folder).filter((name) => name.startsWith('ended-'));
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const namesIn = async (cluster: string): Promise<readonly string[]> => {
    const api = connectApi(readFileSync(lab.cluster(cluster).kubeconfig, 'utf8'));
    const { body } = await api.get(configMaps);
    api.close();
    return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  };

  beforeAll(async () => {
    lab = await startLab({ clusters: {} });
    await lab.add({ a: { idc }, b: { idc }, c: { idc } }, 'first.test.ts');
    for (const name of ['a', 'b']) {
      const api = connectApi(readFileSync(lab.cluster(name).kubeconfig, 'utf8'));
      await api.post(configMaps, { metadata: { name: 'of-the-first' } });
      api.close();
    }
  });
  afterAll(() => lab.stop());

  it('keeps all that the same file asks for', async () => {
    await lab.add({ a: { idc } }, 'first.test.ts');
    expect(await namesIn('a')).toContain('of-the-first');
  });

  it('ends the one that was asked for longest ago when another file needs one more, and keeps its logs', async () => {
    lab.leave('first.test.ts');
    await lab.add({ d: { idc } }, 'second.test.ts');
    expect(() => lab.cluster('b')).toThrow('the lab has no cluster b');
    expect(logs()).toEqual(['ended-1-b']);
    expect(readdirSync(join(lab.folder, 'ended-1-b'))).toContain('kube-apiserver.log');
  });

  it('ends none when all that a file needs is there', async () => {
    lab.leave('second.test.ts');
    await lab.add({ a: { idc } }, 'third.test.ts');
    expect(await namesIn('a')).toContain('of-the-first');
    expect(logs()).toHaveLength(1);
  });

  it('ends none that is in use, however many there are', async () => {
    await lab.add({ e: { idc } }, 'fourth.test.ts');
    expect(await namesIn('a')).toContain('of-the-first');
    expect(logs()).toHaveLength(1);
    lab.leave('third.test.ts');
    lab.leave('fourth.test.ts');
  });

  it('starts one that was ended from nothing when it is needed again', async () => {
    await lab.add({ b: { idc } }, 'fifth.test.ts');
    expect(() => lab.cluster('c')).toThrow('no cluster c');
    expect(await namesIn('b')).not.toContain('of-the-first');
  });
});
