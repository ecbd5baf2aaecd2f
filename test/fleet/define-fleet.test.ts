import { describe, expect, it } from 'vitest';
import { defineFleet, type FleetInput, parseFleetYaml } from '../../src/fleet/index.js';
import { file, gateway, goodGateway } from './fleet-yaml.js';

describe('defineFleet', () => {
  it('is the same fleet as that of the YAML', () => {
    const fleet = defineFleet({
      idcs: { bc: { clusters: { 'bc-a': { version: '1.34' } } } },
      environments: { prod: { gateways: [{ name: 'g', idc: 'bc', url: 'http://g.example', tokenEnv: 'T' }] } },
    });
    expect(fleet).toEqual(parseFleetYaml(gateway(`{ ${goodGateway}, tokenEnv: T }`), { file }));
  });

  it('says with every finding where in the data it is', () => {
    const input: FleetInput = {
      idcs: { bc: { clusters: { 'bc-a': { version: '1.x' } } } },
      environments: { prod: { gateways: [{ name: 'g', idc: 'bd', url: 'http://g.example' }] } },
    };
    expect(() => defineFleet(input)).toThrow(
      expect.objectContaining({
        code: 'FLEET_INVALID',
        path: 'idcs.bc.clusters.bc-a.version',
        message: [
          'the fleet is not valid: 3 findings',
          '  idcs.bc.clusters.bc-a.version: idcs.bc.clusters.bc-a.version must be a Kubernetes version such as "1.34"',
          '  environments.prod.gateways.0.idc: IDC bd is not in the fleet; it has bc',
          '  environments.prod.gateways.0: environments.prod.gateways.0 needs tokenEnv or tokenFile, one of them',
        ].join('\n'),
      }),
    );
  });
});
