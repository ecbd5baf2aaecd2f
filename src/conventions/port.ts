/** What a port is for. A port is named after its role, never after its number. */
export type PortRole = 'http' | 'rpc' | 'manage' | 'metrics';
export const portRoles: readonly PortRole[] = ['http', 'rpc', 'manage', 'metrics'];

/** Port numbers by role; a role that is absent is not opened. */
export type PortTable = Readonly<Partial<Record<PortRole, number>>>;

/** True for a TCP port that an app may have: 1 to 65535. */
export const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65535;
