import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const readPage = (name: string): string => readFileSync(`${root}docs/${name}`, 'utf8');

/** The part of a page under a heading, up to the next one of any level. */
export function sectionOf(page: string, heading: string): string {
  const [, text] = new RegExp(`^#+ ${heading}\\n([\\s\\S]*?)(?=^#+ |(?![\\s\\S]))`, 'm').exec(page) ?? [];
  if (text === undefined) throw new Error(`the page has no heading "${heading}"`);
  return text;
}

/** The rows of the first table under a heading, without its head; the marks of code are taken off. */
export function tableOf(page: string, heading: string): string[][] {
  const lines = sectionOf(page, heading).split('\n');
  const head = lines.findIndex((line) => /^\|(-+\|)+$/.test(line));
  if (head < 0) throw new Error(`there is no table under "${heading}"`);
  const rest = lines.slice(head + 1);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|')),
  );
}

/** Some columns of a table, as `[first, …]` of each row. */
export const columns = (rows: readonly (readonly string[])[], ...wanted: number[]): string[][] =>
  rows.map((row) => wanted.map((at) => row[at] ?? ''));

/** The fenced blocks of a language. */
export const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text ?? '');
