import { isNode, LineCounter, parseDocument } from 'yaml';
import { YouzanKubeError } from '../conventions/index.js';
import { checkFleet } from './define-fleet.js';
import type { Fleet } from './fleet.js';

/**
 * Reads a fleet.yaml.
 *
 * @throws YouzanKubeError `FLEET_INVALID` with every finding as `file:line:column: message`.
 */
export function parseFleetYaml(text: string, { file }: { readonly file: string }): Fleet {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const syntax = document.errors.map(({ message, pos }) => `${at(pos[0])}: ${message.split('\n')[0] ?? ''}`);
  if (syntax.length > 0) throw invalid(file, syntax);
  const checked = checkFleet(document.toJS({ maxAliasCount: 100 }));
  if ('fleet' in checked) return checked.fleet;
  throw invalid(
    file,
    checked.findings.map(({ path, message }) => {
      // The nearest node that is there: what is missing has no place of its own.
      for (let depth = path.length; depth >= 0; depth -= 1) {
        const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
        if (isNode(node) && node.range != null) return `${at(node.range[0])}: ${path.join('.') || 'fleet'}: ${message}`;
      }
      return `${file}: ${message}`;
    }),
  );
}

function invalid(file: string, findings: readonly string[]): YouzanKubeError {
  return new YouzanKubeError('FLEET_INVALID', `${file} has ${findings.length} findings:\n${findings.join('\n')}`, {
    path: file,
  });
}
