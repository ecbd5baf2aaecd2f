import { describe, expect, it } from 'vitest';
import { isYouzanKubeError } from '../../../src/conventions/index.js';
import { parseServersYaml } from '../../../src/k8s-sync/index.js';

const file = 'vm.bc.yaml';
const findingsOf = (text: string): string[] => {
  try {
    parseServersYaml(text, { file });
  } catch (error) {
    if (!isYouzanKubeError(error) || error.code !== 'SERVERS_INVALID') throw error;
    return error.findings.map(({ path, message }) => `${path.replace(`${file}:`, '')} ${message}`);
  }
  throw new Error('the text was taken');
};
/** One server as a flow map at line 3, column 7. */
const one = (map: string): string => `upstreams:\n  trade-core.http:\n    - ${map}\n`;

describe('a file of servers', () => {
  it('says which servers each upstream is to have', () => {
    const text = `upstreams:
  trade-core.http:
    - { ip: 10.0.0.1, port: 8030 }
    - { ip: '2001:DB8:0::1', port: 8030, weight: 50, state: drain, zone: bc-1, labels: { color: gray, sc: t1 } }
  trade-core.rpc: []
`;
    expect(parseServersYaml(text, { file })).toEqual({
      'trade-core.http': [
        { ip: '10.0.0.1', port: 8030, weight: 100, state: 'up', uid: '', zone: '', labels: { color: 'stable' } },
        {
          ...{ ip: '2001:db8::1', port: 8030, weight: 50, state: 'drain', uid: '', zone: 'bc-1' },
          labels: { color: 'gray', sc: 't1' },
        },
      ],
      'trade-core.rpc': [],
    });
  });

  it.each([
    ['', '1:1 is empty; "upstreams" is needed'],
    ['upstreams: [a]\n', '1:12 upstreams must be a map'],
    ['servers: {}\n', '1:1 upstreams is missing'],
    ['upstreams:\n  a.http: {}\n', '2:11 upstreams.a.http must be a list of servers'],
    [
      'upstreams:\n  /a: []\n',
      '2:3 "/a" is no name of an upstream: letters, digits, "-", "." and "_", such as trade-core.http',
    ],
    [one('10.0.0.1'), '3:7 upstreams.trade-core.http.0 must be a map'],
    [one('{ port: 80 }'), '3:7 upstreams.trade-core.http.0.ip is missing'],
    [one('{ ip: web-1, port: 80 }'), '3:13 upstreams.trade-core.http.0.ip must be an IP address'],
    [one('{ ip: 10.0.0.1, port: 0 }'), '3:29 upstreams.trade-core.http.0.port must be a whole number from 1 to 65535'],
    [
      one('{ ip: 10.0.0.1, port: 80, weight: 1001 }'),
      '3:41 upstreams.trade-core.http.0.weight must be a whole number from 0 to 1000',
    ],
    [one('{ ip: 10.0.0.1, port: 80, state: off }'), '3:40 upstreams.trade-core.http.0.state must be up, drain or down'],
    [
      one('{ ip: 10.0.0.1, port: 80, labels: { color: a b } }'),
      '3:50 upstreams.trade-core.http.0.labels.color must be a label value: letters, digits, "-", "_", ".", at most 63',
    ],
    [one('{ ip: 10.0.0.1, port: 80, wieght: 1 }'), '3:33 unknown key "wieght"; did you mean "weight"?'],
    [
      `${one('{ ip: 10.0.0.1, port: 80 }')}    - { ip: 10.0.0.1, port: 80 }\n`,
      '4:7 10.0.0.1:80 is there twice in trade-core.http',
    ],
  ])('refuses %j', (text, finding) => {
    expect(findingsOf(text)).toContain(finding);
  });
});
