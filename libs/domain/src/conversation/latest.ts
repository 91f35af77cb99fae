import { clockVersion, type Door, type Version, versionMicros } from '@parley/contracts';

/** How an incoming revision stands to the one that is served. */
export type Standing = 'identical' | 'confirmed' | 'later' | 'earlier';

/** A revision that is served now. */
export interface Served {
  readonly content_hash: string;
  readonly version: Version;
}

/** What an incoming revision is measured by. */
export interface Incoming {
  readonly hash: string;
  readonly version: Version;
  readonly door: Door;
}

/**
 * The version of an incoming revision: its own where it is fixed, else the clock, and later than what is served
 * whatever that has: a call that arrives now is later.
 */
export function incomingVersion(
  fixed: Version | null,
  now: number,
  served: Served | null,
): Version {
  if (fixed !== null) return fixed;
  return clockVersion(served ? Math.max(now, versionMicros(served.version) + 1) : now);
}

/** Other content counts if it is later; the same content of a later s3 object raises the version that is served. */
export function standing(served: Served, incoming: Incoming): Standing {
  const isLater = incoming.version > served.version;
  if (incoming.hash !== served.content_hash) return isLater ? 'later' : 'earlier';
  return isLater && incoming.door === 's3' ? 'confirmed' : 'identical';
}
