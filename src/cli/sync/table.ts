/** Columns side by side under their heads, as kubectl prints them. Nothing for no rows. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const lines = [heads, ...rows.map((row) => row.map(String))];
  const widths = heads.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, line[column]?.length ?? 0), 0),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** Tables with an empty line between; those without rows are left out. */
export const stacked = (...tables: readonly string[]): string => tables.filter((text) => text !== '').join('\n');

/** `350ms`, `12s`, `3m12s`, `2h5m`, `3d4h`. */
export function tellDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (days > 0) return `${days}d${hours % 24}h`;
  if (hours > 0) return `${hours}h${minutes % 60}m`;
  if (minutes > 0) return `${minutes}m${seconds % 60}s`;
  return seconds > 0 ? `${seconds}s` : `${Math.round(ms)}ms`;
}

/** A cell for what is not there. */
export const none = '-';
