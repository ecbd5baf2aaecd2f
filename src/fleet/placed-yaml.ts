// A YAML text whose findings know their line and column.
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { type Finding, findingsError } from '../conventions/index.js';

/** Keys and indexes from the top of the document. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong, and where in the document. */
export interface DocumentFinding {
  readonly path: KeyPath;
  /** Is it the key or its value? */
  readonly at: 'key' | 'value';
  /** A sentence of its own. */
  readonly message: string;
}

/** The value, or every finding. */
export type Checked<T> = { readonly value: T } | { readonly findings: readonly DocumentFinding[] };

export interface PlacedYaml<T> {
  readonly file: string;
  /** Code of the error. */
  readonly code: string;
  /** The key without which a document is nothing. */
  readonly needs: string;
  readonly check: (input: unknown) => Checked<T>;
}

/** Most values that aliases may repeat. */
const maxAliases = 100;
/** Most findings of the text itself; a broken text can have one a character. */
const maxTextFindings = 20;

/**
 * Reads and checks one document.
 *
 * @throws YouzanKubeError with this code and every finding as `file:line:column: message`.
 */
export function readPlacedYaml<T>(text: string, options: PlacedYaml<T>): T {
  const read = readDocument(text, options);
  if ('value' in read) return read.value;
  throw findingsError(options.code, `${options.file} is not valid`, read.findings);
}

function readDocument<T>(
  text: string,
  { file, needs, check }: PlacedYaml<T>,
): { readonly value: T } | { readonly findings: readonly Finding[] } {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const nothing = (message: string): { readonly findings: readonly Finding[] } => ({
    findings: [{ path: `${file}:1:1`, message }],
  });
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const broken = [...document.errors, ...document.warnings].slice(0, maxTextFindings);
    if (broken.length > 0) return { findings: broken.map(({ message, pos }) => ({ path: at(pos[0]), message })) };
    if (document.contents === null) return nothing(`is empty; "${needs}" is needed`);
    const checked = check(document.toJS({ maxAliasCount: maxAliases }));
    if ('value' in checked) return checked;
    const placed = checked.findings.map((finding) => ({ ...finding, offset: offsetOf(document, finding) }));
    placed.sort((one, other) => one.offset - other.offset);
    return { findings: placed.map(({ offset, message }) => ({ path: at(offset), message })) };
  } catch (error) {
    if (error instanceof ReferenceError) return nothing(`has aliases to nothing, or more than ${maxAliases} of them`);
    if (error instanceof RangeError) return nothing('is nested too deeply');
    throw error;
  }
}

/** Where a key or value stands; what is not there stands at the nearest that is. */
function offsetOf(document: Document, { path, at }: DocumentFinding): number {
  const key = at === 'key' ? offsetOfKey(document, path) : undefined;
  if (key !== undefined) return key;
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range != null) return node.range[0];
  }
  return 0;
}

function offsetOfKey(document: Document, path: KeyPath): number | undefined {
  const map = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
  if (!isMap(map)) return undefined;
  const key = map.items.find((item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1)))?.key;
  return isNode(key) ? key.range?.[0] : undefined;
}
