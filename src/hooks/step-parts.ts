import { commandWords, quote } from '../rich-container/index.js';
import type { Line } from './hook-script.js';
import { stepDefaults, type HookStep, type HttpStep } from './step.js';

/** Lines of a hook's script, and the longest that they take. */
export interface Part {
  readonly lines: readonly Line[];
  readonly seconds: number;
}

/** A request takes whole seconds: one that begins just before the deadline may end this much after it. */
export const lastTrySeconds = 1;
/** Only the deadline ends the tries. */
const anyTries = 1_000_000;

const hundredths = (seconds: number): number => Math.round(seconds * 100);
const triesOf = (retries: number | undefined): number => (retries === undefined ? anyTries : retries + 1);

export const joined = (parts: readonly Part[]): Part => ({
  lines: parts.flatMap(({ lines }) => lines),
  seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
});

/** A request until it is answered as `wanted`: a status, or `=WORD` in an answer 200. */
export function requestPart(
  step: Omit<HttpStep, 'type' | 'expectStatus'> & { readonly wanted: string | number },
): Part {
  const { name, port, path, method, body = '', wanted, retries, deadlineSeconds } = step;
  const { intervalSeconds = stepDefaults.http.intervalSeconds } = step;
  const isPost = method === 'POST';
  const words = [
    quote(name),
    port,
    quote(path),
    quote(String(wanted)),
    triesOf(retries),
    hundredths(intervalSeconds),
    hundredths(deadlineSeconds),
    ...(isPost ? [body === '' ? "''" : quote(body), new TextEncoder().encode(body).length] : []),
  ];
  return {
    lines: [{ text: `_try ${words.join(' ')}`, step: isPost ? 'post' : 'get' }],
    seconds: deadlineSeconds + lastTrySeconds,
  };
}

/** One of the app's own steps. */
export function stepPart(step: HookStep): Part {
  switch (step.type) {
    case 'wait':
      return { lines: [{ text: `sleep ${step.seconds}` }], seconds: step.seconds };
    case 'http':
      return requestPart({ ...step, wanted: step.expectStatus ?? stepDefaults.http.expectStatus });
    case 'script': {
      const { name, command, deadlineSeconds } = step;
      const { retries = stepDefaults.script.retries, intervalSeconds = stepDefaults.script.intervalSeconds } = step;
      const words = [quote(name), quote(commandWords(command)), triesOf(retries), hundredths(intervalSeconds)];
      return {
        lines: [{ text: `_script ${words.join(' ')} ${hundredths(deadlineSeconds)}`, step: 'script' }],
        // A try takes whole seconds; with more than one, the last may begin just before the deadline.
        seconds: Math.ceil(deadlineSeconds) + (retries === 0 ? 0 : lastTrySeconds),
      };
    }
  }
}
