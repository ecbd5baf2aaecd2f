import { runSync } from '../processes/run.js';

/** Packets that vanish: to and from a TCP port of this namespace, over one interface. */
export interface Drop {
  readonly name: string;
  readonly interface: string;
  readonly port: number;
}

/** Drops both ways and silently, so that open connections stall and new ones time out. */
export function dropPackets(networkNamespace: string, drop: Drop): void {
  const rules = [
    `table inet ${drop.name} {`,
    '  chain in {',
    '    type filter hook input priority 0',
    `    iifname "${drop.interface}" tcp dport ${drop.port} drop`,
    '  }',
    '  chain out {',
    '    type filter hook output priority 0',
    `    oifname "${drop.interface}" tcp sport ${drop.port} drop`,
    '  }',
    '}',
    '',
  ];
  runSync(['nft', '-f', '-'], rules.join('\n'), networkNamespace);
}

/** Lets them pass again; nothing happens if they do. */
export function passPackets(networkNamespace: string, name: string): void {
  // Older nft has no `destroy`, and `delete` wants the table to be there.
  runSync(['nft', '-f', '-'], `add table inet ${name}\ndelete table inet ${name}\n`, networkNamespace);
}
