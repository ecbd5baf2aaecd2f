import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFleetYaml } from '../../src/fleet/index.js';
import { cluster, file, findingsOf, gateway, goodGateway } from './fleet-yaml.js';

const whole = `idcs:
  bc:
    clusters:
      bc-a: { version: "1.34" }
      bc-b:
        version: "1.33"
        kubeconfig: /etc/youzan/bc-b.kubeconfig
        context: admin@bc-b
        provider: qcloud
        burst: true
  bd:
    clusters:
      bd-a: { version: "1.34" }
environments:
  prod:
    gateways:
      - { name: yz7-bc, idc: bc, url: "https://yz7.bc.example:9000", tokenEnv: YZ7_BC_TOKEN }
      - name: yz7-bd
        idc: bd
        url: http://10.0.0.1:9000
        tokenFile: /etc/youzan/yz7-bd.token
`;

describe('fleet.yaml', () => {
  it('says which clusters and gateways there are', () => {
    expect(parseFleetYaml(whole, { file })).toEqual({
      clusters: [
        { name: 'bc-a', idc: 'bc', version: '1.34', provider: 'self-built', burst: false },
        {
          name: 'bc-b',
          idc: 'bc',
          version: '1.33',
          kubeconfig: '/etc/youzan/bc-b.kubeconfig',
          context: 'admin@bc-b',
          provider: 'qcloud',
          burst: true,
        },
        { name: 'bd-a', idc: 'bd', version: '1.34', provider: 'self-built', burst: false },
      ],
      gateways: {
        prod: [
          { kind: 'yz7', name: 'yz7-bc', idc: 'bc', url: 'https://yz7.bc.example:9000', tokenEnv: 'YZ7_BC_TOKEN' },
          {
            kind: 'yz7',
            name: 'yz7-bd',
            idc: 'bd',
            url: 'http://10.0.0.1:9000',
            tokenFile: '/etc/youzan/yz7-bd.token',
          },
        ],
      },
    });
  });

  it('has gateways of kind haproxy, each with its socket and its map', () => {
    const haproxy = { kind: 'haproxy', name: 'h', idc: 'bc', socket: '/run/h.sock', map: '/etc/haproxy/youzan.map' };
    expect(parseFleetYaml(gateway(JSON.stringify(haproxy)), { file }).gateways).toEqual({ prod: [haproxy] });
  });

  it('may have no environments', () => {
    expect(parseFleetYaml(cluster('version: "1.34"'), { file }).gateways).toEqual({});
  });

  const values: readonly [string, string, string][] = [
    ['an empty file', '', '1:1 is empty; "idcs" is needed'],
    ['a list', '- idcs\n', '1:1 the fleet must be a map'],
    ['a text', 'idcs', '1:1 the fleet must be a map'],
    ['no IDC', 'idcs: {}\n', '1:7 idcs must have at least one IDC'],
    [
      'environments that are a list',
      `${cluster('version: "1.34"')}environments: []\n`,
      '6:15 environments must be a map',
    ],
    ['gateways that are a map', gateway('').replace('[]', '{}'), '8:15 environments.prod.gateways must be a list'],
    ['a gateway that is a text', gateway('yz7'), '8:16 environments.prod.gateways.0 must be a map'],
    ['IDCs that are a list', 'idcs: [bc]\n', '1:7 idcs must be a map'],
    ['an IDC that is a list', 'idcs:\n  bc: []\n', '2:7 idcs.bc must be a map'],
    ['an IDC without clusters', 'idcs:\n  bc: {}\n', '2:3 idcs.bc.clusters is missing'],
    ['no cluster', 'idcs:\n  bc:\n    clusters: {}\n', '3:15 idcs.bc.clusters must have at least one cluster'],
    ['a cluster that is nothing', cluster(), '4:12 idcs.bc.clusters.bc-a must be a map'],
    ['no version', cluster('burst: true'), '4:7 idcs.bc.clusters.bc-a.version is missing'],
    [
      'a version that YAML takes for a number',
      cluster('version: 1.34'),
      '5:18 idcs.bc.clusters.bc-a.version must be a text: write it in quotes',
    ],
    [
      'a version that is none',
      cluster('version: "v1.34"'),
      '5:18 idcs.bc.clusters.bc-a.version must be a Kubernetes version such as "1.34"',
    ],
    [
      'a text for true',
      cluster('version: "1.34"', 'burst: "yes"'),
      '6:16 idcs.bc.clusters.bc-a.burst must be true or false',
    ],
    [
      'an empty path',
      cluster('version: "1.34"', 'kubeconfig: ""'),
      '6:21 idcs.bc.clusters.bc-a.kubeconfig must not be empty',
    ],
    [
      'a key without a value',
      cluster('version: "1.34"', 'context:'),
      '6:17 idcs.bc.clusters.bc-a.context must be a text',
    ],
    [
      'a name in capitals',
      cluster('version: "1.34"').replace('bc-a', 'BC_A'),
      '4:7 "BC_A" is no name for a cluster; allowed is a DNS label: lower-case letters, digits and "-", first a letter, at most 63, and not a word of JavaScript',
    ],
    [
      'one cluster in two IDCs',
      `${cluster('version: "1.34"')}  bd:\n    clusters:\n      bc-a: { version: "1.34" }\n`,
      '8:7 cluster bc-a is also in IDC bc; names are unique in a fleet',
    ],
    ['an environment without gateways', gateway(''), '8:15 environments.prod.gateways must have at least one gateway'],
    [
      'a gateway in an unknown IDC',
      gateway('{ name: g, idc: bd, url: "http://g.example", tokenEnv: T }'),
      '8:32 IDC bd is not in the fleet; it has bc',
    ],
    [
      'a gateway without a token',
      gateway(`{ ${goodGateway} }`),
      '8:16 environments.prod.gateways.0 needs tokenEnv or tokenFile, one of them',
    ],
    [
      'a gateway with two tokens',
      gateway(`{ ${goodGateway}, tokenEnv: T, tokenFile: f }`),
      '8:16 environments.prod.gateways.0 needs tokenEnv or tokenFile, one of them',
    ],
    [
      'two gateways of one name',
      gateway(`{ ${goodGateway}, tokenEnv: T }, { ${goodGateway}, tokenEnv: T }`),
      '8:84 gateway g is there twice',
    ],
    [
      'a URL that is none',
      gateway('{ name: g, idc: bc, url: yz7, tokenEnv: T }'),
      '8:41 environments.prod.gateways.0.url must be a URL such as https://yz7.example:9000',
    ],
    [
      'a URL of another scheme',
      gateway('{ name: g, idc: bc, url: "ftp://yz7", tokenEnv: T }'),
      '8:41 environments.prod.gateways.0.url must start with http:// or https://',
    ],
    [
      'a gateway of another kind',
      gateway(`{ ${goodGateway}, kind: envoy, tokenEnv: T }`),
      '8:67 environments.prod.gateways.0.kind must be yz7 or haproxy',
    ],
    [
      'a HAProxy with the token of a yz7',
      gateway('{ kind: haproxy, name: g, idc: bc, socket: "10.0.0.5:9999", map: /m, tokenEnv: T }'),
      '8:85 unknown key "tokenEnv"; known are name, idc, kind, socket, map',
    ],
    [
      'a HAProxy without its map',
      gateway('{ kind: haproxy, name: g, idc: bc, socket: /run/haproxy.sock }'),
      '8:16 environments.prod.gateways.0.map is missing',
    ],
    [
      'a socket that is neither path nor address',
      gateway('{ kind: haproxy, name: g, idc: bc, socket: haproxy, map: /m }'),
      '8:59 environments.prod.gateways.0.socket must be the path of the runtime socket, or an address such as 10.0.0.5:9999',
    ],
    [
      'a map whose path has a blank',
      gateway('{ kind: haproxy, name: g, idc: bc, socket: "[::1]:9999", map: "/a b" }'),
      '8:78 environments.prod.gateways.0.map must be the absolute path of the map file, without blanks',
    ],
    ['an alias to nothing', 'idcs: *none\n', '1:1 has aliases to nothing, or more than 100 of them'],
  ];
  it.each(values)('refuses %s', (_, text, finding) => {
    expect(findingsOf(text)).toEqual([finding]);
  });

  const keys: readonly [string, string, string][] = [
    [
      'the fleet',
      `${cluster('version: "1.34"')}environment: {}\n`,
      '6:1 unknown key "environment"; did you mean "environments"?',
    ],
    ['the fleet', `${cluster('version: "1.34"')}x: 1\n`, '6:1 unknown key "x"; known are idcs, environments'],
    ['an IDC', `${cluster('version: "1.34"')}    cluster: {}\n`, '6:5 unknown key "cluster"; did you mean "clusters"?'],
    ['a cluster', cluster('version: "1.34"', 'contxt: admin'), '6:9 unknown key "contxt"; did you mean "context"?'],
    [
      'a cluster',
      cluster('version: "1.34"', 'region:'),
      '6:9 unknown key "region"; known are kubeconfig, context, version, provider, burst',
    ],
    [
      'an environment',
      gateway(`{ ${goodGateway}, tokenEnv: T }`).replace('  prod:\n', '  prod:\n    gateway: []\n'),
      '8:5 unknown key "gateway"; did you mean "gateways"?',
    ],
    [
      'a gateway',
      gateway(`{ ${goodGateway}, tokenEnv: T, tokenfile: f }`),
      '8:74 unknown key "tokenfile"; did you mean "tokenFile"?',
    ],
  ];
  it.each(keys)('knows no other key of %s, and says which it may have meant (%#)', (_, text, finding) => {
    expect(findingsOf(text)).toEqual([finding]);
  });

  it('says everything at once, in the order of the file', () => {
    const text = `idcs:
  bc:
    clusters:
      bc-a: { verson: "1.34", brust: true }
      Bc: { version: 1.34 }
  bd:
    clusters:
      bc-a: { version: "1.34" }
environments:
  prod:
    gateways:
      - { name: g, idc: be, url: yz7, token: secret }
envs: {}
`;
    expect(findingsOf(text)).toEqual([
      '4:7 idcs.bc.clusters.bc-a.version is missing',
      '4:15 unknown key "verson"; did you mean "version"?',
      '4:31 unknown key "brust"; did you mean "burst"?',
      expect.stringMatching(/^5:7 "Bc" is no name for a cluster/),
      '5:22 idcs.bc.clusters.Bc.version must be a text: write it in quotes',
      '8:7 cluster bc-a is also in IDC bc; names are unique in a fleet',
      '12:9 environments.prod.gateways.0 needs tokenEnv or tokenFile, one of them',
      '12:25 IDC be is not in the fleet; it has bc, bd',
      '12:34 environments.prod.gateways.0.url must be a URL such as https://yz7.example:9000',
      '12:39 unknown key "token"; known are name, idc, kind, url, tokenEnv, tokenFile',
      expect.stringMatching(/^13:1 unknown key "envs"/),
    ]);
  });

  const broken: readonly [string, string, RegExp][] = [
    ['a tab for indentation', 'idcs:\n\tbc: {}\n', /^2:1 /],
    ['a bracket that is not closed', 'idcs: {\n', /^2:1 /],
    ['a key that is there twice', 'idcs: {}\nidcs: {}\n', /^2:1 Map keys must be unique/],
    ['a second document', 'idcs: {}\n---\nidcs: {}\n', /^2:1 /],
    ['a tag that nobody knows', 'idcs: !secret x\n', /^1:7 /],
  ];
  it.each(broken)('points at %s', (_, text, finding) => {
    expect(findingsOf(text)).toEqual([expect.stringMatching(finding)]);
  });

  it('follows aliases as long as they do not multiply', () => {
    const shared = 'idcs:\n  bc:\n    clusters:\n      bc-a: &c { version: "1.34" }\n      bc-b: *c\n';
    expect(parseFleetYaml(shared, { file }).clusters.map(({ name }) => name)).toEqual(['bc-a', 'bc-b']);
    const bomb = `a: &a [x, x, x]\nb: &b [${'*a, '.repeat(9)}*a]\nc: &c [${'*b, '.repeat(9)}*b]\nidcs: [${'*c, '.repeat(9)}*c]\n`;
    expect(findingsOf(bomb)).toEqual(['1:1 has aliases to nothing, or more than 100 of them']);
  });

  it('takes any text, or says what is wrong with it', () => {
    const pieces = fc.constantFrom(
      'idcs:',
      '\n',
      '  ',
      'bc',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '- ',
      '&a ',
      '*a',
      '"',
      '1.34',
      '!x ',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(findingsOf(text)).not.toEqual([]);
      }),
    );
    expect(findingsOf('['.repeat(100_000))).not.toEqual([]);
  });
});
