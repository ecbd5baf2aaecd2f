// The embedded gateway as a process of its own. Prints one JSON line when it is ready and ends on TERM or INT.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { startEmbeddedYz7 } from './gateway.js';

interface Flags {
  readonly idc: string;
  readonly name: string;
  readonly host: string;
  readonly adminPort: number;
  readonly dataPort: number;
  readonly workers: number;
  readonly store?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

function whole(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

async function tokenOf({ token, tokenFile }: Flags): Promise<string | undefined> {
  return tokenFile === undefined ? token : (await readFile(tokenFile, 'utf8')).trim();
}

async function run(flags: Flags): Promise<void> {
  const token = await tokenOf(flags);
  const gateway = await startEmbeddedYz7({
    name: flags.name,
    idc: flags.idc,
    host: flags.host,
    adminPort: flags.adminPort,
    dataPort: flags.dataPort,
    workers: flags.workers,
    storeDir: flags.store,
    tokens: token === undefined ? undefined : [{ token, sources: ['*'] }],
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void gateway.stop());
  }
  const { name, idc, adminUrl, dataUrl, storeId } = gateway;
  const ready = { name, idc, adminUrl, dataUrl, storeId, pid: process.pid };
  // A token that the caller chose is not repeated.
  process.stdout.write(`${JSON.stringify(token === undefined ? { ...ready, token: gateway.token } : ready)}\n`);
}

await new Command('yz7-gateway')
  .description('yz7 gateway for tests and demos: admin API and reverse proxy in one process')
  .requiredOption('--idc <idc>', 'IDC whose servers are chosen first')
  .requiredOption('--name <name>', "the instance's name")
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--admin-port <port>', 'port of the admin API, 0 for any', whole, 0)
  .option('--data-port <port>', 'port of the reverse proxy, 0 for any', whole, 0)
  .option('--workers <count>', 'simulated worker processes', whole, 2)
  .option('--store <dir>', 'folder of the durable store; without it everything is lost at the end')
  .option('--token-file <file>', 'file with the token that callers must send')
  .option('--token <token>', 'the token itself; other users of the machine can see it')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`yz7-gateway: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
