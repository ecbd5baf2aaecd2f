import type * as v from 'valibot';
import { nearestOf } from '../conventions/index.js';

/** What an issue of the schema says, in words for the person who wrote the file. */
export function issueMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'object' && issue.received === 'undefined') return 'is missing';
  const wanted = kinds[issue.type];
  if (wanted === undefined) return issue.message;
  const quotes = issue.type === 'string' && ['number', 'boolean'].includes(typeof issue.input);
  return `is ${kindOf(issue.input)}; allowed is ${wanted}${quotes ? ' (put it in quotes)' : ''}`;
}

/** An unknown key, and what it may have meant. */
export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearestOf(key, known);
  return `unknown key "${key}"; ${near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** A value in words: `a list`, `the number 3.8`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  return 'a map';
}
