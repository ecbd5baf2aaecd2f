// Whether a claim or a write is taken: the contract's rules of generations over what the map holds. Pure.
import { GatewayError } from '../error.js';
import type { ClaimEntry, SourceEntry } from './words.js';

/** Less, equal or greater as unsigned 64-bit numbers, which decimal text of one length orders. */
function compare(left: string, right: string): number {
  const difference = BigInt(left) - BigInt(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Throws where a claim must not replace the one that is there. */
export function checkClaim(name: string, source: string, claim: ClaimEntry, present: ClaimEntry | undefined): void {
  if (present === undefined) return;
  const order = compare(claim.generation, present.generation);
  if (order < 0) throw stale(name, source, claim.generation, present.generation, present.generation);
  if (order === 0 && claim.writer !== present.writer) {
    throw new GatewayError(
      'CLAIM_CONFLICT',
      `${name}: ${source} is claimed with generation ${claim.generation} by ${present.writer}, not by ${claim.writer}`,
      {
        path: name,
        details: { claim: present.generation, writer: present.writer },
        hint: 'two writers have the same generation; the one that comes later must take a greater one',
      },
    );
  }
}

/** Throws where a write of this generation and digest must not be applied. */
export function checkGeneration(
  name: string,
  write: { readonly source: string; readonly generation: string; readonly digest: string },
  claim: ClaimEntry | undefined,
  entry: SourceEntry | undefined,
): void {
  const { source, generation, digest } = write;
  if (claim === undefined) {
    throw new GatewayError('UNCLAIMED', `${name}: ${source} is not claimed`, {
      path: name,
      hint: 'claim the source before its first write; a restart of HAProxy forgets the claim',
    });
  }
  if (compare(generation, claim.generation) < 0) {
    throw stale(name, source, generation, claim.generation, claim.generation);
  }
  if (entry === undefined) return;
  const order = compare(generation, entry.generation);
  if (order < 0) throw stale(name, source, generation, entry.generation, claim.generation);
  if (order === 0 && digest !== entry.digest) {
    throw new GatewayError(
      'GENERATION_CONFLICT',
      `${name}: generation ${generation} of ${source} was written already, with other servers`,
      { path: name, details: { claim: claim.generation, digest: entry.digest } },
    );
  }
}

/** A generation below the one that counts. `claim` is for the syncer, which takes a greater epoch then. */
export function stale(name: string, source: string, got: string, least: string, claim: string): GatewayError {
  return new GatewayError('STALE_GENERATION', `${name}: generation ${got} of ${source} is less than ${least}`, {
    path: name,
    details: { claim },
    hint: 'another writer leads this source now; stop writing, or claim it with a greater generation',
  });
}
