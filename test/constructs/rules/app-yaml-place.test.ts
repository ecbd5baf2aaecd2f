import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../../constructs/index.js';
import { parseAppYaml, type AppSpec } from '../../../src/app-yaml/index.js';
import { isYouzanKubeError, youzanConventions } from '../../../src/conventions/index.js';
import { demoSpec, propsOf } from '../specs.js';

const text = `kind: node
entrypoint: node server.js
ports:
  http: 9999
hooks:
  drainSeconds: 5
replicas: 2
`;
const spec = parseAppYaml(text, { file: 'trade-core/app.yaml' });

/** The paths of what is wrong with an app, errors or warnings. */
function placesOf(
  one: AppSpec,
  change: Partial<Pick<YouzanAppProps, 'maxTerminationSeconds' | 'conventions'>> = {},
): readonly string[] {
  try {
    return synthApp({ ...propsOf(one), ...change }).warnings.map(({ path }) => path);
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    return error.findings.map(({ path }) => path);
  }
}

describe('the place in app.yaml', () => {
  it('stands behind the field of a manifest that was made of it', () => {
    expect(placesOf(spec)).toContain(
      'bc-a/trade-core Deployment trade/trade-core spec.template.spec.containers[0].ports[0].containerPort (trade-core/app.yaml:4:9)',
    );
  });

  it('stands behind the prop that was read from it', () => {
    const conventions = { ...youzanConventions, reservedPorts: { agent: 9999 } };
    expect(placesOf(spec, { maxTerminationSeconds: 10 })).toEqual(['bc-a/trade-core.spec (trade-core/app.yaml:1:1)']);
    expect(placesOf(spec, { conventions })).toEqual(['bc-a/trade-core.spec.ports.http (trade-core/app.yaml:4:9)']);
  });

  it('is not told of a spec that was written or changed by hand', () => {
    for (const one of [{ ...spec }, { ...demoSpec, ports: { ...demoSpec.ports, http: 9999 } }])
      expect(placesOf(one).filter((path) => path.includes('app.yaml:'))).toEqual([]);
  });
});
