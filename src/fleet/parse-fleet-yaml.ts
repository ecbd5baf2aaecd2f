import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { type Finding, findingsError } from '../conventions/index.js';
import { checkFleet, type FleetFinding, type KeyPath } from './check-fleet.js';
import type { Fleet } from './fleet.js';

/** Most values that aliases may repeat. */
const maxAliases = 100;
/** Most findings of the text itself; a broken text can have one a character. */
const maxTextFindings = 20;

/**
 * Reads a fleet.yaml.
 *
 * @throws YouzanKubeError `FLEET_INVALID` with every finding as `file:line:column: message`.
 */
export function parseFleetYaml(text: string, { file }: { readonly file: string }): Fleet {
  const checked = read(text, file);
  if ('fleet' in checked) return checked.fleet;
  throw findingsError('FLEET_INVALID', `${file} is not valid`, checked.findings);
}

function read(text: string, file: string): { readonly fleet: Fleet } | { readonly findings: readonly Finding[] } {
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
    if (document.contents === null) return nothing('is empty; "idcs" is needed');
    const checked = checkFleet(document.toJS({ maxAliasCount: maxAliases }));
    if ('fleet' in checked) return checked;
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
function offsetOf(document: Document, { path, at }: FleetFinding): number {
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
