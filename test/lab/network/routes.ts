// Which addresses the machine already sends somewhere, from /proc/net/route.

export interface Route {
  readonly interface: string;
  readonly start: number;
  readonly mask: number;
}

/** The kernel writes addresses as hexadecimal numbers in the machine's byte order, which is little-endian here. */
const numberOf = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE();

function inDottedForm(address: string): number {
  return Buffer.from(address.split('.').map(Number)).readUInt32BE();
}

/** All but default routes, which are for what no other route is for. */
export function parseRoutes(text: string): readonly Route[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [name = '', destination = '', mask = ''] = [fields[0], fields[1], fields[7]];
    if (!/^[0-9A-F]{8}$/.test(destination) || mask === '00000000') return [];
    return [{ interface: name, start: numberOf(destination), mask: numberOf(mask) }];
  });
}

/** The route that shares an address with a range such as 10.77.0.0/16. */
export function overlapping(routes: readonly Route[], range: string): Route | undefined {
  const [address = '', length] = range.split('/');
  const start = inDottedForm(address);
  const mask = 2 ** 32 - 2 ** (32 - Number(length));
  return routes.find((route) => {
    // The wider of the two decides: unsigned, since bitwise operators give signed numbers.
    const common = (route.mask & mask) >>> 0;
    return (route.start & common) >>> 0 === (start & common) >>> 0;
  });
}
