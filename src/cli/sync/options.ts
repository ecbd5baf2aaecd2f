import { InvalidArgumentError } from 'commander';
import { isDnsLabel } from '../../conventions/index.js';

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError(`"${text}" is no port: 0 to 65535`);
  return port;
}

export function parseLease(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (!isDnsLabel(namespace) || !isDnsLabel(name) || more.length > 0)
    throw new InvalidArgumentError(`"${text}" is no Lease: namespace/name`);
  return { namespace, name };
}
