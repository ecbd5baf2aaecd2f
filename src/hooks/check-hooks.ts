import { YouzanKubeError } from '../conventions/error.js';
import type { HooksSpec, HookStep } from './hooks-spec.js';

const pathForm = /^\/[\x21-\x7e]*$/;
const nameForm = /^[a-z0-9][a-z0-9 -]*$/;

function fieldFindings(where: string, fields: { readonly port?: number; readonly path?: string }): string[] {
  const { port, path } = fields;
  const findings: string[] = [];
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535))
    findings.push(`${where}.port is ${port}; 1 to 65535 is allowed`);
  if (path !== undefined && !pathForm.test(path))
    findings.push(`${where}.path is ${JSON.stringify(path)}; a path that starts with "/", without spaces, is allowed`);
  return findings;
}

function secondsFindings(where: string, seconds: number | undefined, least: 'above 0' | 'from 0'): string[] {
  if (seconds === undefined || (Number.isFinite(seconds) && (seconds > 0 || (least === 'from 0' && seconds === 0))))
    return [];
  return [`${where} is ${seconds}; seconds ${least} are allowed`];
}

function stepFindings(where: string, step: HookStep): string[] {
  const findings = secondsFindings(`${where}.deadlineSeconds`, step.deadlineSeconds, 'above 0');
  if (!nameForm.test(step.name))
    findings.push(
      `${where}.name is ${JSON.stringify(step.name)}; lower-case letters, digits, dashes and spaces are allowed`,
    );
  if (step.type === 'http') return [...findings, ...fieldFindings(where, step)];
  const words = 'shell' in step.command ? [step.command.shell] : step.command;
  if (words.length === 0 || words[0] === '') findings.push(`${where}.command is empty`);
  if (words.some((word) => word.includes('\0'))) findings.push(`${where}.command holds a NUL character`);
  return findings;
}

/** Throws an error `HOOKS_INVALID` that lists all findings. */
export function checkHooks({ preload, online, offline, drainSeconds, stop }: HooksSpec): void {
  const findings: string[] = [];
  if (preload !== undefined && preload !== false) {
    const { tries, expect } = preload;
    findings.push(...fieldFindings('preload', preload));
    findings.push(...secondsFindings('preload.intervalSeconds', preload.intervalSeconds, 'above 0'));
    findings.push(...secondsFindings('preload.deadlineSeconds', preload.deadlineSeconds, 'above 0'));
    if (tries !== undefined && !(Number.isInteger(tries) && tries >= 1))
      findings.push(`preload.tries is ${tries}; whole numbers from 1 are allowed`);
    if (expect !== undefined && !/^\w+$/.test(expect))
      findings.push(`preload.expect is ${JSON.stringify(expect)}; one word of letters, digits and "_" is allowed`);
  }
  for (const [name, value] of [
    ['online', online],
    ['offline', offline],
  ] as const) {
    if (value === undefined || value === false) continue;
    findings.push(
      ...fieldFindings(name, value),
      ...secondsFindings(`${name}.deadlineSeconds`, value.deadlineSeconds, 'above 0'),
    );
  }
  if (online !== undefined && online !== false)
    findings.push(...(online.after ?? []).flatMap((step, at) => stepFindings(`online.after[${at}]`, step)));
  if (offline !== undefined && offline !== false)
    findings.push(...(offline.before ?? []).flatMap((step, at) => stepFindings(`offline.before[${at}]`, step)));
  findings.push(...secondsFindings('drainSeconds', drainSeconds, 'from 0'));
  if (stop !== undefined && stop !== false)
    findings.push(...secondsFindings('stop.deadlineSeconds', stop.deadlineSeconds, 'above 0'));
  if (findings.length === 0) return;
  throw new YouzanKubeError(
    'HOOKS_INVALID',
    `the hooks can't be made:\n${findings.map((finding) => `- ${finding}`).join('\n')}`,
  );
}
