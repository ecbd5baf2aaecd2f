import { expect } from 'vitest';
import { isYouzanKubeError } from '../../src/conventions/index.js';
import { parseFleetYaml } from '../../src/fleet/index.js';

export const file = 'ops/fleet.yaml';

/** `line:column message` of each finding. */
export function findingsOf(text: string): string[] {
  try {
    parseFleetYaml(text, { file });
  } catch (error) {
    if (!isYouzanKubeError(error) || error.code !== 'FLEET_INVALID') throw error;
    const [title, ...lines] = error.message.split('\n');
    expect(title).toBe(`${file} is not valid: ${lines.length === 1 ? '1 finding' : `${lines.length} findings`}`);
    const findings = lines.map((line) => line.trim().replace(`${file}:`, '').replace(': ', ' '));
    expect(error.path).toBe(`${file}:${findings[0]!.split(' ')[0]!}`);
    return findings;
  }
  throw new Error('the text was taken');
}

/** A cluster's block in a fleet of one, from line 4 on, at column 7. */
export const cluster = (...lines: readonly string[]): string =>
  ['idcs:', '  bc:', '    clusters:', '      bc-a:', ...lines.map((line) => `        ${line}`), ''].join('\n');
/** One gateway as a flow map at line 8, column 9. */
export const gateway = (map: string): string =>
  [...cluster('version: "1.34"').trimEnd().split('\n'), 'environments:', '  prod:', `    gateways: [${map}]`, ''].join(
    '\n',
  );
export const goodGateway = 'name: g, idc: bc, url: "http://g.example"';
