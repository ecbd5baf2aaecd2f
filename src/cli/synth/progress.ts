import { Listr } from 'listr2';
import { setImmediate } from 'node:timers/promises';

/** Items between two pauses. */
const step = 20;

export interface ProgressOptions {
  /** `synthesize` */
  readonly title: string;
  readonly total: number;
  /** Nothing is shown; nor is it where there is no terminal, since each file has a line there. */
  readonly silent: boolean;
  readonly signal: AbortSignal;
}

/**
 * Hands the items on and shows on a terminal how many there were.
 *
 * @param take takes the items.
 */
export async function withProgress<Item, Result extends object>(
  options: ProgressOptions,
  items: AsyncIterable<Item>,
  take: (items: AsyncIterable<Item>) => Promise<Result>,
): Promise<Result> {
  const { title, total, silent, signal } = options;
  if (silent || !process.stdout.isTTY) return take(paused(items, signal, () => undefined));
  let result: Result | undefined;
  await new Listr(
    [
      {
        title,
        task: async (_, task): Promise<void> => {
          result = await take(paused(items, signal, (done) => void (task.output = `${done} of ${total}`)));
          task.title = `${title}: ${total}`;
        },
      },
    ],
    { registerSignalListeners: false, rendererOptions: { showErrorMessage: false } },
  ).run();
  if (result === undefined) throw new TypeError(`${title} has no result`);
  return result;
}

/** Synthesis never waits for anything: without pauses there would be no Ctrl-C, and a terminal would show the end only. */
async function* paused<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal,
  show: (done: number) => void,
): AsyncGenerator<Item> {
  let done = 0;
  for await (const item of items) {
    yield item;
    done += 1;
    if (done % step !== 0) continue;
    show(done);
    await setImmediate();
    signal.throwIfAborted();
  }
}
