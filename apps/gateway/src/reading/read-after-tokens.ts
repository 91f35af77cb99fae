import { LRUCache } from 'lru-cache';
import { Cursors } from '../conversations/cursors.js';
import { commandIdAt } from '../uploads/command-ids.js';
import { type Submitted } from '../uploads/submissions.service.js';
import { restored } from './log-epoch.js';

/** Commands of one request that nobody had decided when it was answered, named by their places in it. */
export interface Undecided {
  readonly requestId: string;
  readonly attemptId: string;
  readonly places: readonly number[];
}

/** What has to be so before a read shows what was written: the log is at `position`, the rest is decided. */
export interface ReadCondition {
  readonly position: number;
  readonly undecided: Undecided | null;
}

/** The header that a write answers with and a read hands back. */
export const READ_AFTER_HEADER = 'Parley-Read-After';

const RECEIPTS_KEPT_MS = 7 * 86_400_000;

/** What a reader has to wait for so as to see what these submissions lead to. */
export function readAfterOf(outcome: readonly (Submitted | null)[]): ReadCondition {
  const open = outcome.flatMap((one, place) => (one && !one.receipt ? [{ ...one, place }] : []));
  const [first] = open;
  return {
    position: Math.max(0, ...outcome.map((one) => one?.receipt?.position ?? 0)),
    undecided: first
      ? {
          requestId: commandIdAt(first.commandId, 0),
          attemptId: commandIdAt(first.attemptId, 0),
          places: open.map(({ place }) => place),
        }
      : null,
  };
}

/** What a token is good for: a log, as positions say nothing of another one. */
export interface TokenScope {
  readonly tenant: string;
  readonly epoch: number;
}

const EPOCHS = { max: 10_000, ttl: 10_000 };

/** Tokens of `Parley-Read-After`: opaque, signed, good for one log; for 7 days where receipts are needed. */
export class ReadAfterTokens {
  private readonly sealed: Cursors;
  private readonly epochs: LRUCache<string, number>;

  constructor(key: Buffer, readEpochOf: (tenant: string) => Promise<number>) {
    this.sealed = new Cursors(key);
    this.epochs = new LRUCache({ ...EPOCHS, fetchMethod: readEpochOf });
  }

  /** To be asked for before anything is published: it rejects where the tenant's database is away. */
  async scopeOf(tenant: string): Promise<TokenScope> {
    return { tenant, epoch: (await this.epochs.fetch(tenant)) ?? 0 };
  }

  seal(
    { tenant, epoch }: TokenScope,
    { position, undecided }: ReadCondition,
    now = Date.now(),
  ): string {
    const parts = [String(epoch), String(position)];
    if (undecided) {
      const { requestId, attemptId, places } = undecided;
      parts.push(String(now), requestId, attemptId, toBits(places));
    }
    return this.sealed.seal(tenant, parts);
  }

  /** The header by which the answer to a write says how to read what was written. */
  headersOf(
    scope: TokenScope,
    outcome: readonly (Submitted | null)[],
  ): Readonly<Record<string, string>> {
    return { [READ_AFTER_HEADER]: this.seal(scope, readAfterOf(outcome)) };
  }

  /** Null for a token that was not made for this tenant, or whose receipts may be gone; throws a 409 for one of a log since restored. */
  open({ tenant, epoch }: TokenScope, token: string, now = Date.now()): ReadCondition | null {
    const parts = this.sealed.open(tenant, token);
    if (!parts) return null;
    const [sealedIn, position, issued, requestId, attemptId, bits] = parts;
    if (Number(sealedIn) !== epoch) throw restored(epoch);
    if (!requestId || !attemptId || !bits) return { position: Number(position), undecided: null };
    if (now - Number(issued) > RECEIPTS_KEPT_MS) return null;
    return {
      position: Number(position),
      undecided: { requestId, attemptId, places: ofBits(bits) },
    };
  }
}

/** 500 places in 125 characters. */
function toBits(places: readonly number[]): string {
  return places.reduce((bits, place) => bits | (1n << BigInt(place)), 0n).toString(16);
}

function ofBits(hex: string): number[] {
  const bits = [...BigInt(`0x${hex}`).toString(2)].reverse();
  return bits.flatMap((bit, place) => (bit === '1' ? [place] : []));
}
