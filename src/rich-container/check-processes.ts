import { YouzanKubeError } from '../conventions/error.js';
import { findCycle } from './graph.js';
import { gracesOf } from './graces.js';
import { httpTools, tcpTools } from './probe-script.js';
import type { Command, Gate, ProcessSpec } from './process-spec.js';

const nameForm = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const pathForm = /^\/[\x21-\x7e]*$/;

function commandFindings(where: string, command: Command): string[] {
  const words = 'shell' in command ? [command.shell] : command;
  if (words.length === 0 || words[0] === '') return [`${where} is empty`];
  return words.flatMap((word, at) => {
    const place = 'shell' in command ? where : `${where}[${at}]`;
    if (word.includes('\0')) return [`${place} holds a NUL character, which no argument can`];
    return /\p{Surrogate}/u.test(word) ? [`${place} holds half of a surrogate pair`] : [];
  });
}

function secondsFindings(where: string, seconds: number): string[] {
  return Number.isFinite(seconds) && seconds > 0 ? [] : [`${where} is ${seconds}; seconds above 0 are allowed`];
}

function gateFindings(where: string, gate: Gate): string[] {
  const findings = secondsFindings(`${where}.deadlineSeconds`, gate.deadlineSeconds);
  if (gate.type === 'exec') findings.push(...commandFindings(`${where}.command`, gate.command));
  if (
    (gate.type === 'http' || gate.type === 'tcp') &&
    !(Number.isInteger(gate.port) && gate.port >= 1 && gate.port <= 65535)
  ) {
    findings.push(`${where}.port is ${gate.port}; 1 to 65535 is allowed`);
  }
  if (gate.type === 'http' && !pathForm.test(gate.path)) {
    findings.push(
      `${where}.path is ${JSON.stringify(gate.path)}; a path that starts with "/", without spaces, is allowed`,
    );
  }
  if (gate.type === 'file' && (gate.path === '' || gate.path.includes('\0'))) findings.push(`${where}.path is no path`);
  return findings;
}

const askers = { http: httpTools, tcp: tcpTools };

function toolFindings({ name, ready }: ProcessSpec, tools: readonly string[] | undefined): string[] {
  if (tools === undefined || (ready?.type !== 'http' && ready?.type !== 'tcp')) return [];
  const wanted = askers[ready.type];
  if (wanted.some((tool) => tools.includes(tool))) return [];
  return [
    `${name}.ready asks by ${ready.type}, and the image has none of ${wanted.join(', ')}; a file or exec gate needs none`,
  ];
}

function processFindings(process: ProcessSpec, names: readonly string[]): string[] {
  const { name, command, after = [], ready, graceSeconds, main, signals = {} } = process;
  const findings: string[] = [];
  if (!nameForm.test(name)) {
    findings.push(`name ${JSON.stringify(name)}; lower-case letters, digits and inner dashes are allowed, at most 63`);
  }
  if (name === 'entrypoint') findings.push('name "entrypoint" is the entrypoint\'s own');
  if (names.filter((other) => other === name).length > 1 && names.indexOf(name) >= 0)
    findings.push(`name "${name}" stands more than once`);
  findings.push(...commandFindings(`${name}.command`, command));
  for (const other of after) {
    if (!names.includes(other)) findings.push(`${name}.after names "${other}"; there are ${names.join(', ')}`);
  }
  if (ready !== undefined) findings.push(...gateFindings(`${name}.ready`, ready));
  if (graceSeconds !== undefined) findings.push(...secondsFindings(`${name}.graceSeconds`, graceSeconds));
  if (main !== true) {
    const forwarded = Object.keys(signals).filter((signal) => signal !== 'TERM');
    if (forwarded.length > 0) findings.push(`${name}.signals has ${forwarded.join(', ')}, which reach only main`);
  }
  return findings;
}

/**
 * Throws an error `RICH_CONTAINER_INVALID` that lists all findings: bad or double names, none or two mains, unknown
 * names in `after`, circles, bad gates and seconds, gates that no program of the image can ask, graces that do not fit.
 */
export function checkProcesses(
  processes: readonly ProcessSpec[],
  graceSeconds: number,
  tools?: readonly string[],
): void {
  const names = processes.map(({ name }) => name);
  const findings = processes.flatMap((process) => [
    ...processFindings(process, names),
    ...toolFindings(process, tools),
  ]);
  const mains = processes.filter(({ main }) => main === true).map(({ name }) => name);
  if (mains.length !== 1) {
    findings.push(
      mains.length === 0
        ? `no process is main; there are ${names.join(', ') || 'none'}`
        : `${mains.join(' and ')} are main; one is allowed`,
    );
  }
  const cycle = findCycle(processes);
  if (cycle !== undefined) findings.push(`a circle: ${cycle.join(' after ')}`);
  findings.push(...secondsFindings('graceSeconds', graceSeconds));
  const graces = [...gracesOf(processes, graceSeconds)];
  const sum = graces.reduce((total, [, seconds]) => total + seconds, 0);
  if (sum > graceSeconds + 1e-6 || graces.some(([, seconds]) => seconds <= 0)) {
    findings.push(
      `graces ${graces.map(([name, seconds]) => `${name} ${seconds} s`).join(' + ')} do not fit into ${graceSeconds} s`,
    );
  }
  const unique = [...new Set(findings)];
  if (unique.length === 0) return;
  throw new YouzanKubeError(
    'RICH_CONTAINER_INVALID',
    `the processes can't be run:\n${unique.map((finding) => `- ${finding}`).join('\n')}`,
  );
}
