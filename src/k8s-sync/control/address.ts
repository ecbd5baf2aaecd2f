/**
 * Where a running syncer takes an operator's commands: a Unix socket that only its user can open, or a port with a token.
 * TCP carries the token in clear text: keep it on the loopback address, or inside a tunnel.
 */
export type SyncControlAddress =
  | { readonly socketPath: string }
  | {
      /** Default `127.0.0.1`. */
      readonly host?: string;
      readonly port: number;
      /** At least 16 characters. */
      readonly token: string;
    };

/** How an address is called in messages: never with its token. */
export function tellAddress(address: SyncControlAddress): string {
  if ('socketPath' in address) return address.socketPath;
  const { host = '127.0.0.1', port } = address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
