import type { AppCommand } from './app-spec.js';

/** Characters that mean something to a shell: a text with one of them is run by `/bin/sh -c`. */
const shellCharacters = /[\\'"`$&|;<>()*?[\]{}~#!\n]/;
const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/;

/**
 * A command line as words. A plain one is split at blanks and started without a shell between, so that signals reach
 * the program itself; one with quotes, variables or other shell syntax is kept for `/bin/sh -c`.
 *
 * @example
 * commandOf('gunicorn -c gunicorn_config.py wsgi:application'); // ['gunicorn', '-c', …]
 * commandOf('exec java $JAVA_OPTS -jar app.jar'); // { shell: 'exec java $JAVA_OPTS -jar app.jar' }
 */
export function commandOf(text: string): AppCommand {
  const line = text.trim();
  return shellCharacters.test(line) || assignment.test(line) ? { shell: line } : line.split(/\s+/);
}
