import { describe, expect, it } from 'vitest';
import { rules, validateBundle } from '../../../constructs/index.js';
import { good, options } from './bundle.js';
import { bad } from './examples/index.js';

const examples = rules.flatMap((rule) => (bad[rule.id] ?? []).map((example) => ({ rule, ...example, id: rule.id })));

describe('the rules', () => {
  it('have an id each, a severity, and words that end alike', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, what, why, fix } of rules) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect([what.endsWith('.'), why.endsWith('.'), fix.endsWith('.')], id).toEqual([true, true, false]);
    }
  });

  it('have at least one bad example each, and there is none for a rule that is not', () => {
    expect(Object.keys(bad).sort()).toEqual(rules.map(({ id }) => id).sort());
    expect(Object.values(bad).filter((list) => list.length === 0)).toEqual([]);
  });

  it('find nothing in a bundle that keeps them all', () => {
    expect(validateBundle(good, options)).toEqual([]);
  });

  it.each(examples)('$id finds $what, and no other rule does', ({ rule, bundle, path, message, ...example }) => {
    const findings = validateBundle(bundle, { ...options, ...example.options });
    expect(findings.map((finding) => [finding.rule, finding.path, finding.message])).toEqual([
      [rule.id, path, `${message} (${rule.id}: ${rule.fix})`],
    ]);
    expect(findings[0]).toMatchObject({
      severity: rule.severity,
      object: expect.objectContaining({ kind: path.split(' ')[0] }) as unknown,
    });
  });
});
