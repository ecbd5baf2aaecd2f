export interface BucketRules {
  /** So many may go at once. */
  readonly size: number;
  /** After that one in so many milliseconds. */
  readonly everyMs: number;
}

/** Below zero for what is given away before it is there. */
export interface Bucket {
  readonly tokens: number;
  /** Time at which it had so many. */
  readonly at: number;
}

export const fullBucket = ({ size }: BucketRules, now: number): Bucket => ({ tokens: size, at: now });

/** Takes one token, which is there after `waitMs`. Who takes more than there are waits longer each time. */
export function takeToken(
  { tokens, at }: Bucket,
  { size, everyMs }: BucketRules,
  now: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  const left = Math.min(size, tokens + (now - at) / everyMs) - 1;
  return { bucket: { tokens: left, at: now }, waitMs: Math.max(0, -left * everyMs) };
}
