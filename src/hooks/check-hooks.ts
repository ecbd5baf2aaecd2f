import { YouzanKubeError } from '../conventions/error.js';
import type { HooksSpec } from './hooks-spec.js';
import { registrationFindings } from './registry/registration.js';
import { stepDefaults, type OnlineStep } from './step.js';

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

function secondsFindings(
  where: string,
  seconds: number | undefined,
  least: 'above 0' | 'from 0' = 'above 0',
): string[] {
  if (seconds === undefined || (Number.isFinite(seconds) && (seconds > 0 || (least === 'from 0' && seconds === 0))))
    return [];
  return [`${where} is ${seconds}; seconds ${least} are allowed`];
}

function triesFindings(where: string, step: OnlineStep): string[] {
  if (step.type === 'wait') return secondsFindings(`${where}.seconds`, step.seconds);
  const findings = secondsFindings(`${where}.deadlineSeconds`, step.deadlineSeconds);
  if (step.type === 'registry') return findings;
  const { retries } = step;
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= stepDefaults.mostRetries))
    findings.push(`${where}.retries is ${retries}; whole numbers from 0 to ${stepDefaults.mostRetries} are allowed`);
  return [...findings, ...secondsFindings(`${where}.intervalSeconds`, step.intervalSeconds)];
}

function stepFindings(where: string, step: OnlineStep): string[] {
  const findings = triesFindings(where, step);
  if (!nameForm.test(step.name))
    findings.push(
      `${where}.name is ${JSON.stringify(step.name)}; lower-case letters, digits, dashes and spaces are allowed`,
    );
  switch (step.type) {
    case 'wait':
      return findings;
    case 'registry':
      return [
        ...findings,
        ...registrationFindings(step.registration).map(([field, what]) => `${where}.registration.${field} ${what}`),
      ];
    case 'http':
      if (step.body !== undefined && step.method !== 'POST') findings.push(`${where}.body is for the method POST only`);
      if (step.body?.includes('\0') === true) findings.push(`${where}.body holds a NUL character`);
      return [...findings, ...fieldFindings(where, step)];
    case 'script': {
      const words = 'shell' in step.command ? [step.command.shell] : step.command;
      if (words.length === 0 || words[0] === '') findings.push(`${where}.command is empty`);
      if (words.some((word) => word.includes('\0'))) findings.push(`${where}.command holds a NUL character`);
      return findings;
    }
  }
}

const stepsFindings = (where: string, steps: readonly OnlineStep[] = []): string[] =>
  steps.flatMap((step, at) => stepFindings(`${where}[${at}]`, step));

/** Throws an error `HOOKS_INVALID` that lists all findings. */
export function checkHooks({ preload, online, offline, drainSeconds, stop }: HooksSpec): void {
  const findings: string[] = [];
  if (preload !== undefined && preload !== false) {
    const { tries, expect } = preload;
    findings.push(...fieldFindings('preload', preload));
    findings.push(...secondsFindings('preload.intervalSeconds', preload.intervalSeconds));
    findings.push(...secondsFindings('preload.deadlineSeconds', preload.deadlineSeconds));
    if (tries !== undefined && !(Number.isInteger(tries) && tries >= 1))
      findings.push(`preload.tries is ${tries}; whole numbers from 1 are allowed`);
    if (expect !== undefined && expect !== false && !/^\w+$/.test(expect))
      findings.push(`preload.expect is ${JSON.stringify(expect)}; one word of letters, digits and "_" is allowed`);
    findings.push(...stepsFindings('preload.after', preload.after));
  }
  for (const [name, value] of [
    ['online', online],
    ['offline', offline],
  ] as const) {
    if (value === undefined || value === false) continue;
    findings.push(...fieldFindings(name, value), ...secondsFindings(`${name}.deadlineSeconds`, value.deadlineSeconds));
  }
  if (online !== undefined && online !== false) findings.push(...stepsFindings('online.after', online.after));
  if (offline !== undefined && offline !== false) findings.push(...stepsFindings('offline.before', offline.before));
  findings.push(...secondsFindings('drainSeconds', drainSeconds, 'from 0'));
  if (stop !== undefined && stop !== false)
    findings.push(
      ...secondsFindings('stop.deadlineSeconds', stop.deadlineSeconds),
      ...stepsFindings('stop.before', stop.before),
    );
  if (findings.length === 0) return;
  throw new YouzanKubeError(
    'HOOKS_INVALID',
    `the hooks can't be made:\n${findings.map((finding) => `- ${finding}`).join('\n')}`,
  );
}
