import { expect, it } from 'vitest';
import { findingsError, YouzanKubeError } from '../../src/conventions/index.js';

it('gives the findings to a person as lines and to a program as data', () => {
  const findings = [
    { path: 'app.yaml:1:1', message: '"entrypoint" is missing' },
    { path: 'app.yaml:3:10', message: 'runtime "rust-1" belongs to no known kind' },
  ];
  const error = findingsError('APP_YAML_INVALID', 'app.yaml is not valid', findings);
  expect(error.message.split('\n')).toEqual([
    'app.yaml is not valid: 2 findings',
    '  app.yaml:1:1: "entrypoint" is missing',
    '  app.yaml:3:10: runtime "rust-1" belongs to no known kind',
  ]);
  expect(error.findings).toEqual(findings);
});

it('has no findings in an error that is none of an input', () => {
  expect(new YouzanKubeError('KUBE_TIMEOUT', 'no answer').findings).toEqual([]);
});
