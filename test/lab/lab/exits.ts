// Runs a cleanup in every way a process can end, SIGKILL excepted: after that, the next start cleans up.

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `cleanup` must be blocking and may be called twice. Gives what takes it off again. */
export function atEveryExit(cleanup: () => void): () => void {
  const handlers = signals.map((signal) => {
    const handler = (): void => {
      cleanup();
      off();
      // Nobody else cares: the process ends the way the signal wanted.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  process.on('exit', cleanup);
  const off = (): void => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    process.off('exit', cleanup);
  };
  return off;
}
