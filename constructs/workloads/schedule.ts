import type { Finding } from '../../src/conventions/index.js';

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for its numbers, from `least` on. */
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: months },
  { name: 'day of week', least: 0, most: 6, words: days },
];
const names = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What of a schedule Kubernetes would not take. */
export function scheduleFinding(schedule: string): Finding[] {
  if (names.includes(schedule)) return [];
  const parts = schedule.trim().split(/\s+/);
  const refused = (message: string): Finding[] => [{ path: 'schedule', message: `"${schedule}"${message}` }];
  if (parts.length !== fields.length)
    return refused(` is no schedule: five fields such as 30 3 * * *, or one of ${names.join(', ')}`);
  const wrong = fields.flatMap((field, at) => (isField(parts[at] ?? '', field) ? [] : [field]));
  return wrong.flatMap(({ name, least, most }) =>
    refused(`: its ${name} must be numbers from ${least} to ${most}, as *, 1, 1-5, */5 or 1,3`),
  );
}

/** A list of numbers, ranges or all, each with a step or not. */
function isField(text: string, field: Field): boolean {
  return text.split(',').every((part) => {
    const [range = '', step, more] = part.split('/');
    if (more !== undefined || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
    if (range === '*' || range === '?') return true;
    const ends = range.split('-').map((word) => numberOf(word, field));
    return ends.length <= 2 && (ends[0] ?? Infinity) <= (ends.at(-1) ?? -Infinity);
  });
}

function numberOf(word: string, { least, most, words }: Field): number | undefined {
  const at = words.indexOf(word.toLowerCase());
  const value = at >= 0 ? at + least : /^\d+$/.test(word) ? Number(word) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** A time zone that is none, or is another on every machine. Kubernetes wants the names' capitals. */
export function timeZoneFinding(timeZone: string): Finding[] {
  const refused = [{ path: 'timeZone', message: `"${timeZone}" is no time zone such as Asia/Shanghai or Etc/UTC` }];
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(timeZone)) return refused;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return [];
  } catch {
    return refused;
  }
}
