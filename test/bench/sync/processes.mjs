// Processes of a benchmark: each says what it has to say as a message, and ends with its parent.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Starts a module of this folder; resolves with the process and its first message. */
export async function start(file, options, execArgv = []) {
  const child = fork(pathOf(file), [JSON.stringify(options)], { execArgv });
  const first = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return { child, first };
}

/** Runs a module of this folder to its end; resolves with what it said. */
export async function run(file, options, execArgv = []) {
  const { child, first } = await start(file, options, execArgv);
  await stop(child);
  return first;
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.disconnect();
  else child.kill();
  await ended;
}
