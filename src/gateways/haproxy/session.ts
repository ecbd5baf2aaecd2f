import net from 'node:net';
import { GatewayError } from '../error.js';

/** Where the runtime socket is. */
export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

const prompt = '\n> ';
const largestAnswerChars = 256 * 1024 * 1024;

/** `/run/haproxy/admin.sock`, `10.0.0.5:9999` or `[::1]:9999`; undefined for what is neither. */
export function socketAddress(text: string): SocketAddress | undefined {
  if (text.startsWith('/')) return { path: text };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/**
 * One connection to the runtime socket in its interactive mode: there every answer ends with a prompt, which is the only
 * framing that holds for all commands. It ends with the signal.
 */
export class Session {
  readonly #name: string;
  readonly #socket: net.Socket;
  readonly #signal: AbortSignal;
  #text = '';
  #scanned = 0;
  #waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  #ended: Error | undefined;

  private constructor(name: string, socket: net.Socket, signal: AbortSignal) {
    this.#name = name;
    this.#socket = socket;
    this.#signal = signal;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      this.#text += chunk;
      this.#waiting?.resolve();
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Connects and switches to the interactive mode. */
  static async open(name: string, address: SocketAddress, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const session = new Session(name, net.connect(address), signal);
    try {
      await session.ask(['prompt']);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Sends commands at once and gives their answers in order, without blank lines around them. */
  async ask(commands: readonly string[]): Promise<readonly string[]> {
    if (commands.length === 0) return [];
    this.#socket.write(commands.map((command) => `${command}\n`).join(''));
    const answers: string[] = [];
    for (const command of commands) answers.push(await this.#answer(command));
    return answers;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#socket.destroy();
  }

  readonly #onAbort = (): void => this.#end(new Error('the call was ended'));

  async #answer(command: string): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf(prompt, this.#scanned);
      if (at >= 0) {
        const answer = this.#text.slice(0, at);
        this.#text = this.#text.slice(at + prompt.length);
        this.#scanned = 0;
        return answer.replace(/^\n+|\n+$/g, '');
      }
      this.#scanned = Math.max(0, this.#text.length - prompt.length);
      if (this.#ended) throw this.#cutOff(command, this.#ended);
      if (this.#text.length > largestAnswerChars) throw this.#cutOff(command, new Error('the answer has no end'));
      await new Promise<void>((resolve, reject) => (this.#waiting = { resolve, reject })).catch(() => undefined);
    }
  }

  /** In the middle of an answer it is a bad one; before any of it, the instance was not reached. */
  #cutOff(command: string, cause: Error): Error {
    if (this.#signal.aborted || this.#text === '') return cause;
    return new GatewayError('BAD_ANSWER', `${this.#name}: the answer to "${command}" is cut off: ${cause.message}`, {
      path: this.#name,
      retryable: true,
      cause,
    });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(error);
    this.#socket.destroy();
  }
}
