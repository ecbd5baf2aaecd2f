import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import type { Finding } from '../conventions/index.js';

/** Largest app.yaml that is read; characters. */
const maxLength = 256 * 1024;
/** Most findings of the text itself; a broken text can have one a character. */
const maxTextFindings = 20;
/** Most values that aliases may repeat. */
const maxAliases = 50;

/** Where in the data: keys and indexes from the top. */
export type KeyPath = readonly (string | number)[];

/** A finding that knows where in the text it is. */
export interface PlacedFinding extends Finding {
  readonly offset: number;
}

/** A YAML text as data that still knows its lines. */
export interface ReadDocument {
  /** `undefined` when the text is no YAML or nothing. */
  readonly value: unknown;
  /** What is wrong with the text itself. */
  readonly findings: readonly PlacedFinding[];
  /** `file:line:column` of a value, or of its key; of the nearest value around it when there is none. */
  readonly placeOf: (path: KeyPath, at: 'key' | 'value') => { readonly path: string; readonly offset: number };
}

/** Reads one YAML document; nothing is thrown, whatever the text. */
export function readDocument(text: string, file: string): ReadDocument {
  const start = { path: `${file}:1:1`, offset: 0 };
  const nothing = (message: string): ReadDocument => ({
    value: undefined,
    findings: [{ ...start, message }],
    placeOf: () => start,
  });
  if (text.length > maxLength) return nothing(`is ${text.length} characters long; at most ${maxLength} are read`);
  const lines = new LineCounter();
  const place = (offset: number): { readonly path: string; readonly offset: number } => {
    const { line, col } = lines.linePos(offset);
    return { path: `${file}:${Math.max(1, line)}:${Math.max(1, col)}`, offset };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    if (document.errors.some(({ message }) => /call stack/.test(message))) return nothing('is nested too deeply');
    const problems = [...document.errors, ...document.warnings].slice(0, maxTextFindings);
    const findings = problems.map(({ code, message, pos }) => ({ ...place(pos[0]), message: plain(code, message) }));
    const readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
    const value: unknown = readable ? document.toJS({ maxAliasCount: maxAliases }) : undefined;
    if (readable && value === null)
      return nothing('is empty; stack, runtime and entrypoint, or a kind that has them, are needed');
    return { value, findings, placeOf: (path, at) => place(offsetOf(document, path, at)) };
  } catch (error) {
    if (error instanceof ReferenceError)
      return nothing(`its aliases repeat too much; at most ${maxAliases} are followed`);
    if (error instanceof RangeError) return nothing('is nested too deeply');
    throw error;
  }
}

function plain(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands here a second time';
  if (code === 'TAB_AS_INDENT') return 'a tab; YAML is indented with spaces';
  return message;
}

function offsetOf(document: Document, path: KeyPath, at: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, key] of path.entries()) {
    const inner = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isMap(inner)) {
      const pair: Pair | undefined = inner.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(key),
      );
      if (pair === undefined) return offset;
      const isKey = at === 'key' && depth === path.length - 1;
      next = isKey || !isNode(pair.value) ? pair.key : pair.value;
    } else if (isSeq(inner)) {
      next = inner.items[Number(key)];
    }
    if (!isNode(next)) return offset;
    node = next;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0];
}
