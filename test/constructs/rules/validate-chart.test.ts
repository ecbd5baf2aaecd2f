import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { describe, expect, it } from 'vitest';
import { ruleValidation, synthApp, validateChart, YouzanApp } from '../../../constructs/index.js';
import { demoSpec, fullSpec, propsOf } from '../specs.js';
import { deployment } from './bundle.js';

const chart = (): Chart => new Chart(new App(), 'bc-a');
const lines = (found: ReturnType<typeof validateChart>): string[] => found.map(({ rule, path }) => `${rule} ${path}`);
const plusDeployment = (scope: Chart): kplus.Deployment =>
  new kplus.Deployment(scope, 'app', {
    metadata: { name: 'app', namespace: 'trade' },
    containers: [{ name: 'app', image: 'a:1', portNumber: 8030 }],
  });

describe('a chart of plain cdk8s', () => {
  it('is held to the rules, each finding with the path of its construct', () => {
    const scope = chart();
    const { apiVersion, kind, metadata, spec } = deployment({ container: { image: 'trade-core' } });
    new ApiObject(scope, 'one', { apiVersion, kind, metadata, spec });
    expect(lines(validateChart(scope))).toEqual([
      'image-tag bc-a/one Deployment trade/trade-core spec.template.spec.containers[0].image',
      'missing-config-map bc-a/one Deployment trade/trade-core spec.template.spec.containers[0].env[1].valueFrom.configMapKeyRef',
    ]);
  });

  it('is told what an object of cdk8s-plus lets through', () => {
    const scope = chart();
    plusDeployment(scope).addInitContainer({ name: 'init', image: 'init:1', portNumber: 1 });
    expect(
      lines(validateChart(scope)).map((line) => line.replace('bc-a/app/Resource Deployment trade/app ', '')),
    ).toEqual([
      'selector-path spec.selector.matchLabels["cdk8s.io/metadata.addr"]',
      'init-container spec.template.spec.initContainers[0].startupProbe',
    ]);
  });

  it.each<[string, JsonPatch, string]>([
    [
      'a field that is newer than cdk8s-plus',
      JsonPatch.add('/spec/template/spec/containers/0/lifecycle', { preStop: { sleep: { seconds: 5 } } }),
      'containers[0].lifecycle.preStop.sleep',
    ],
    [
      'a numeric port of a probe',
      JsonPatch.add('/spec/template/spec/containers/0/livenessProbe', { tcpSocket: { port: 8030 } }),
      'containers[0].livenessProbe.tcpSocket.port',
    ],
    [
      'a device',
      JsonPatch.add('/spec/template/spec/containers/0/resources', { limits: { 'nvidia.com/gpu': '1' } }),
      'containers[0].resources.limits["nvidia.com/gpu"]',
    ],
    ['a misspelt field', JsonPatch.add('/spec/template/spec/hostNetworks', true), 'hostNetworks'],
  ])('is told of %s that a patch added and cdk8s-plus dropped', (_, patch, path) => {
    const scope = chart();
    ApiObject.of(plusDeployment(scope)).addJsonPatch(patch);
    const lost = validateChart(scope).filter(({ rule }) => rule === 'lost-field');
    expect(lines(lost)).toEqual([`lost-field bc-a/app/Resource Deployment trade/app spec.template.spec.${path}`]);
  });

  it('loses nothing of what cdk8s-plus makes by itself', () => {
    const scope = chart();
    const app = plusDeployment(scope);
    app.exposeViaService({ ports: [{ port: 80, targetPort: 8030 }] });
    new kplus.HorizontalPodAutoscaler(scope, 'scaler', { target: app, maxReplicas: 4 });
    const volume = kplus.Volume.fromEmptyDir(scope, 'data', 'data');
    app.containers[0]!.mount('/data', volume);
    new kplus.NetworkPolicy(scope, 'policy', { selector: app }).addIngressRule(
      kplus.NetworkPolicyIpBlock.ipv4(scope, 'block', '10.0.0.0/8'),
    );
    const rules = validateChart(scope).map(({ rule }) => rule);
    expect(rules).not.toContain('lost-field');
  });

  it('fails in app.synth() with all errors, and not for warnings', () => {
    const app = new App();
    const scope = new Chart(app, 'bc-a');
    scope.node.addValidation(ruleValidation(scope, { kubernetesVersion: '1.28' }));
    plusDeployment(scope);
    expect(() => app.synthYaml()).not.toThrow();
    ApiObject.of(scope.node.findChild('app')).addJsonPatch(
      JsonPatch.replace('/spec/template/spec/containers/0/image', 'a:latest'),
      JsonPatch.replace('/spec/template/spec/containers/0/name', 'App'),
    );
    expect(() => app.synthYaml()).toThrow(/\(container-name: [\s\S]*\(image-latest: /);
  });

  it('may hold apps beside other objects', () => {
    const scope = chart();
    new YouzanApp(scope, 'trade-core', propsOf(demoSpec));
    expect(validateChart(scope).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('a bundle of an app', () => {
  it('that breaks rules is refused with all errors, the app and the objects', () => {
    const props = { ...propsOf(demoSpec), image: 'registry.example/trade-core:latest' };
    expect(() => synthApp(props)).toThrow(
      expect.objectContaining({
        code: 'BUNDLE_INVALID',
        message: expect.stringMatching(
          /^the manifests of bc-a\/trade-core are not valid: 1 finding\n {2}bc-a\/trade-core Deployment trade\/trade-core spec\.template\.spec\.containers\[0\]\.image: .*\(image-latest: /,
        ) as unknown,
        findings: [expect.objectContaining({ rule: 'image-latest', severity: 'error' })],
      }),
    );
  });

  it('has its warnings beside it, and none where there is nothing to say', () => {
    const { warnings } = synthApp({ ...propsOf(fullSpec), sc: 'f1' });
    expect(warnings.map(({ rule, severity, field }) => `${severity} ${rule} ${field}`)).toEqual([
      'warning port-convention spec.template.spec.containers[0].ports[0].containerPort',
      'warning port-convention spec.template.spec.containers[0].ports[3].name',
      'warning service-chain-place metadata.namespace',
    ]);
    expect(synthApp(propsOf(demoSpec)).warnings).toEqual([]);
  });
});
