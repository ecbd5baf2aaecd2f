import http from 'node:http';

const everyMs = 10;
const timeoutMs = 5000;

/**
 * Requests without end, 100 a second, each to the next gateway. What a gateway that is down does not take, another one gets,
 * as a load balancer in front of them sees to.
 */
export class Load {
  requests = 0;
  /** Those that another gateway had to take. */
  moved = 0;
  readonly failures: string[] = [];
  readonly #gateways: readonly string[];
  readonly #host: string;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(gateways: readonly string[], host: string) {
    this.#gateways = gateways;
    this.#host = host;
  }

  start(): void {
    this.#timer = setInterval(() => {
      const running = this.#request(this.requests).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #request(number: number): Promise<void> {
    this.requests += 1;
    const urls = this.#gateways.map((_, index) => this.#gateways[(number + index) % this.#gateways.length]!);
    const problems: string[] = [];
    for (const url of urls) {
      const problem = await this.#ask(url);
      if (problem === undefined) {
        if (problems.length > 0) this.moved += 1;
        return;
      }
      problems.push(problem.what);
      if (problem.answered) break;
    }
    this.failures.push(`${new Date().toISOString()} ${problems.join('; ')}`);
  }

  /** What went wrong; a gateway that has answered has had its say. */
  #ask(url: string): Promise<{ readonly what: string; readonly answered: boolean } | undefined> {
    return new Promise((resolve) => {
      const request = http.get(url, { agent: this.#agent, headers: { host: this.#host }, timeout: timeoutMs });
      const failed = (error: Error): void => resolve({ what: `${url}: ${error.message}`, answered: false });
      request.on('timeout', () => {
        resolve({ what: `${url}: no answer`, answered: true });
        request.destroy();
      });
      request.on('error', failed);
      request.on('response', (response) => {
        response.on('error', failed);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          const what = `${url}: ${statusCode} ${String(headers['x-yz7-error'] ?? '')}`;
          resolve(statusCode === 200 ? undefined : { what, answered: true });
        });
        response.resume();
      });
    });
  }
}
