import { Yaml } from 'cdk8s';

/**
 * YAML documents of plain JSON, byte for byte as `Yaml.stringify` of cdk8s writes them, in a fifth of its time: what is
 * most of a manifest, maps, lists and simple words, is written directly, and only texts that may need quotes are left to
 * the library.
 */
export function manifestYaml(objects: readonly object[]): string {
  return objects.map((object) => (isBlock(object) ? document(object) : Yaml.stringify(object))).join('---\n');
}

function document(object: object): string {
  const lines: string[] = [];
  write(lines, object, '', '');
  return `${lines.join('\n')}\n`;
}

/** Adds the lines of a map or list, the first after what leads to it: its indent, or the dash of a list around it. */
function write(lines: string[], value: object, lead: string, indent: string): void {
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const entries: [string, unknown][] = Object.entries(value);
  let start = lead;
  for (const [key, item] of entries) {
    const name = `${start}${isList ? '-' : `${keyText(key)}:`}`;
    if (!isBlock(item)) lines.push(`${name} ${scalar(item, indent)}`);
    else if (isList) write(lines, item, `${name} `, inner);
    else {
      lines.push(name);
      write(lines, item, inner, inner);
    }
    start = indent;
  }
}

/** A value on the line of its key or dash; further lines of a text have one indent more. */
function scalar(value: unknown, indent: string): string {
  if (typeof value === 'string') {
    if (isPlain(value)) return value;
    if (isWhole(value)) return `"${value}"`;
    if (isScript(value)) {
      const chomp = value.endsWith('\n') ? '' : '-';
      return `|${chomp}\n  ${indent}${value.slice(0, chomp === '' ? -1 : undefined).replace(/\n+/g, `$&  ${indent}`)}`;
    }
    return libraryText({ k: value }, 'k: '.length).replace(/\n(?!\n|$)/g, `\n${indent}`);
  }
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return libraryText({ k: value }, 'k: '.length);
}

function keyText(key: string): string {
  return isPlain(key) ? key : libraryText({ [key]: 0 }, 0).slice(0, -': 0'.length);
}

/** What the library writes, from an offset on and without the line's end. */
function libraryText(value: object, from: number): string {
  return Yaml.stringify(value).slice(from, -1);
}

/** Words, options, names, paths, images, quantities, versions: nothing that YAML 1.1 could take for anything but a text. */
const isPlain = (text: string): boolean =>
  /^(?:(?:-{0,2}[A-Za-z]|\/)(?:[\w./-]|:(?=[\w/]))*|\d+(?:m|[kMGTPE]i?)|\d+\.\d+\.\d+)$/.test(text) &&
  !/^(?:y|n|yes|no|on|off|true|false|null|-?e-?\d+)$/i.test(text);
const isWhole = (text: string): boolean => /^\d+$/.test(text);
/** Several lines of printable characters, with no blanks where the library looks for them: at both ends. */
const isScript = (text: string): boolean =>
  text.includes('\n') &&
  /^\S/.test(text) &&
  /^\S\n?$/.test(text.slice(text.endsWith('\n') ? -2 : -1)) &&
  /^[\t\n -~\u00a1-\ud7ff]*$/.test(text);

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
const isBlock = (value: unknown): value is object => typeof value === 'object' && value !== null && !isEmpty(value);
