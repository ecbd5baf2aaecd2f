// How a container's end reads in its status.
import { readFileSync } from 'node:fs';
import type { Container, ContainerState } from 'kubernetes-types/core/v1.js';
import { timeText } from '../controllers/objects.js';
import type { Exit } from './container-process.js';
import { readLog } from './log-file.js';

const longestMessageBytes = 4_096;
const fallbackLines = 80;
const fallbackBytes = 2_048;

function writtenMessage(file: string): string {
  try {
    return readFileSync(file).subarray(0, longestMessageBytes).toString('utf8');
  } catch {
    return '';
  }
}

/** What the container left in its termination log, or by its policy the end of its output. */
function terminationMessage(
  container: Container,
  exit: Exit,
  files: { readonly terminationLog: string; readonly logFile: string },
): string {
  const written = writtenMessage(files.terminationLog);
  if (written !== '' || exit.code === 0) return written;
  if (container.terminationMessagePolicy !== 'FallbackToLogsOnError') return '';
  return readLog(files.logFile, fallbackLines).slice(-fallbackBytes);
}

/** A container's state after its end. */
export function terminatedState(
  container: Container,
  process: { readonly startedAt: number; readonly containerId: string },
  exit: Exit,
  files: { readonly terminationLog: string; readonly logFile: string },
): ContainerState {
  const message = [exit.startError ?? '', terminationMessage(container, exit, files)]
    .filter((part) => part !== '')
    .join('\n');
  return {
    terminated: {
      exitCode: exit.code,
      ...(exit.signal !== undefined && { signal: exit.signal }),
      reason: exit.startError !== undefined ? 'StartError' : exit.code === 0 ? 'Completed' : 'Error',
      ...(message !== '' && { message }),
      startedAt: timeText(process.startedAt),
      finishedAt: timeText(exit.at),
      containerID: process.containerId,
    },
  };
}
