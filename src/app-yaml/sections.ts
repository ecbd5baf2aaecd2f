import * as v from 'valibot';
import type { Finding } from '../conventions/index.js';
import type { DraftFinding } from './cross-checks.js';
import type { KeyPath, ReadDocument } from './document.js';
import { issueMessage, kindOf, unknownKey } from './issue-message.js';
import { sections } from './schema.js';
import { unknownKeys } from './unknown-keys.js';

/** Reads the keys of the document's map one by one and collects what is wrong, with its place. */
export class SectionReader {
  readonly #document: ReadDocument;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #drafts: DraftFinding[] = [];

  constructor(document: ReadDocument) {
    this.#document = document;
    this.#value = isMap(document.value) ? document.value : {};
    if (document.value !== undefined && !isMap(document.value)) {
      this.add({ path: [], message: `app.yaml is a map of keys; got ${kindOf(document.value)}` });
    }
    const known = Object.keys(sections);
    for (const key of Object.keys(this.#value).filter((one) => !known.includes(one))) {
      this.add({ path: [key], message: unknownKey(key, known), at: 'key' });
    }
  }

  /** False for a text that is no YAML, or another YAML value; it has a finding then. */
  get isMap(): boolean {
    return isMap(this.#document.value);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key);
  }

  /** The key's value, or the default of the app's kind; a finding when there is neither. */
  required<T>(key: string, schema: v.GenericSchema<unknown, T>, ofKind: T | undefined): T | undefined {
    if (this.has(key)) return this.optional(key, schema);
    if (ofKind === undefined && this.isMap) this.add({ path: [], message: `"${key}" is missing` });
    return ofKind;
  }

  optional<T>(key: string, schema: v.GenericSchema<unknown, T>): T | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#value[key];
    const drafts = unknownKeys(schema, value, [key]);
    const result = v.safeParse(schema, value);
    for (const issue of result.issues ?? []) {
      drafts.push({
        path: [key, ...(issue.path ?? []).map(({ key: step }) => stepOf(step))],
        message: issueMessage(issue),
      });
    }
    for (const draft of drafts) this.add(draft);
    return result.success && drafts.length === 0 ? result.output : undefined;
  }

  add(draft: DraftFinding): void {
    this.#drafts.push(draft);
  }

  /** All findings, in the order of the file. */
  findings(): readonly Finding[] {
    const places = this.#drafts.map(({ path, message, at = 'value' }) => ({
      ...this.#document.placeOf(path, at),
      message: path.length === 0 || at === 'key' ? message : `${dotted(path)} ${message}`,
    }));
    return [...this.#document.findings, ...places]
      .sort((left, right) => left.offset - right.offset)
      .map(({ path, message }) => ({ path, message }));
  }
}

/** `helpers[0].ready.http`. */
const dotted = (path: KeyPath): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

const stepOf = (step: unknown): string | number => (typeof step === 'number' ? step : String(step));

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
