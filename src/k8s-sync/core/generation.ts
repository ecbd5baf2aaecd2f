/** `(epoch << 32) | sequence`, as the contract writes it: the decimal text of an unsigned 64-bit number. */
export function generationOf(epoch: number, sequence: number): string {
  return String((BigInt(epoch) << 32n) | BigInt(sequence));
}

/** The epoch of a generation; 0 for what is none. */
export function epochOf(generation: string): number {
  return /^\d+$/.test(generation) ? Number(BigInt(generation) >> 32n) : 0;
}
