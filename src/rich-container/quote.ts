import type { Command } from './process-spec.js';

const plain = /^[A-Za-z0-9_./:,@%+-]+$/;

/**
 * A text as one word of a POSIX shell. Neither `$$` nor `$(` stands in the result: Kubernetes would rewrite both in a
 * container's `command`.
 */
export function quote(text: string): string {
  if (plain.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`).replace(/\$(?=[$(])/g, () => `$''`)}'`;
}

/** The words that start a command. */
export function commandWords(command: Command): string {
  return ('shell' in command ? ['/bin/sh', '-c', command.shell] : command).map(quote).join(' ');
}
