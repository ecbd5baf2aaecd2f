// The programs of this machine that can make a request.
import { execFileSync } from 'node:child_process';
import { httpTools } from '../../src/rich-container/index.js';
import { which } from '../rich-container/pod.js';

/** Where a program is; a version manager's stand-in for it needs more than it stands for. */
function pathOf(tool: string): string | undefined {
  const path = which(tool);
  if (path === undefined || !tool.startsWith('python')) return path;
  return execFileSync(path, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}

export const present = httpTools.flatMap((tool) => {
  const path = pathOf(tool);
  return path === undefined ? [] : [{ tool, path }];
});
const absent = httpTools.filter((name) => !present.some(({ tool }) => tool === name));
if (absent.length > 0) console.warn(`not asked with ${absent.join(', ')}: not on this machine`);

/** What busybox has under the same names. */
const busybox = which('busybox');
export const tellers = [
  ...present.map(({ tool, path }) => ({ tool, program: tool, path })),
  ...(busybox === undefined
    ? []
    : ['wget', 'nc'].map((program) => ({ tool: `busybox ${program}`, program, path: busybox }))),
];
