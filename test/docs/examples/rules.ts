import { ApiObject, App, Chart } from 'cdk8s';
import { ruleValidation, validateChart } from 'youzan-kube/constructs';

const app = new App();
export const chart = new Chart(app, 'bc-a');
chart.node.addValidation(ruleValidation(chart, { kubernetesVersion: '1.33' }));

new ApiObject(chart, 'budget', {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'trade-core', namespace: 'trade' },
  spec: { maxUnavailable: 1, minAvailable: 2, selector: { matchLabels: { app: 'trade-core' } } },
});

/** Errors and warnings, without an end of the program. */
export const findings = validateChart(chart, { kubernetesVersion: '1.33' });
