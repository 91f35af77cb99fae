import { describe, expect, it } from '@jest/globals';
import { receipt } from '../receipts/receipt.fixtures.js';
import { commandIdAt } from '../uploads/command-ids.js';
import { type Submitted } from '../uploads/submissions.service.js';
import { readAfterOf, ReadAfterTokens } from './read-after-tokens.js';

const REQUEST = '0190a5b4-0000-7000-8000-000000000000';
const ATTEMPT = '0190a5b4-0000-4000-8000-000000000000';
const DAY_MS = 86_400_000;
const tokens = new ReadAfterTokens(Buffer.from('a signing key'), async () => Promise.resolve(1));
const SCOPE = { tenant: 't_1', epoch: 1 };

function submitted(place: number, position: number | null | 'undecided'): Submitted {
  return {
    commandId: commandIdAt(REQUEST, place),
    attemptId: commandIdAt(ATTEMPT, place),
    requestHash: null,
    receipt: position === 'undecided' ? null : receipt({ position }),
  };
}

describe('what a read after a write waits for', () => {
  it('is the highest position that was decided', () => {
    const outcome = [submitted(0, 7), null, submitted(2, 9), submitted(3, null)];

    expect(readAfterOf(outcome)).toEqual({ position: 9, undecided: null });
  });

  it('is also every command that was not decided yet', () => {
    const outcome = [submitted(0, 'undecided'), null, submitted(2, 5), submitted(3, 'undecided')];

    expect(readAfterOf(outcome)).toEqual({
      position: 5,
      undecided: { requestId: REQUEST, attemptId: ATTEMPT, places: [0, 3] },
    });
  });

  it('is nothing where nothing was taken', () => {
    expect(readAfterOf([])).toEqual({ position: 0, undecided: null });
  });
});

describe('a read-after token', () => {
  it('says to its tenant what it was made of, for a batch of 500 too', () => {
    for (const places of [[0], [499], [0, 3, 64, 499], Array.from({ length: 500 }, (_, n) => n)]) {
      const sealed = {
        position: 12,
        undecided: { requestId: REQUEST, attemptId: ATTEMPT, places },
      };
      const token = tokens.seal(SCOPE, sealed);

      expect(tokens.open(SCOPE, token)).toEqual(sealed);
      expect(token.length).toBeLessThan(400);
    }
    const decided = { position: 3, undecided: null };
    expect(tokens.open(SCOPE, tokens.seal(SCOPE, decided))).toEqual(decided);
  });

  it('says nothing to another tenant, under another key, or when it is forged', () => {
    const token = tokens.seal(SCOPE, { position: 1, undecided: null });

    expect(tokens.open({ ...SCOPE, tenant: 't_2' }, token)).toBeNull();
    const another = new ReadAfterTokens(Buffer.from('another'), async () => Promise.resolve(1));
    expect(another.open(SCOPE, token)).toBeNull();
    for (const forged of ['', '1', `${token}x`, `WyI5Il0${token.slice(token.indexOf('.'))}`])
      expect(tokens.open(SCOPE, forged)).toBeNull();
  });

  it('of a log that was restored since is refused as such', () => {
    const token = tokens.seal(SCOPE, { position: 1, undecided: null });

    expect(() => tokens.open({ ...SCOPE, epoch: 2 }, token)).toThrow(
      expect.objectContaining({ status: 409 }),
    );
  });

  it('that needs receipts is good for as long as these are kept', () => {
    const undecided = { requestId: REQUEST, attemptId: ATTEMPT, places: [0] };
    const token = tokens.seal(SCOPE, { position: 0, undecided }, 0);

    expect(tokens.open(SCOPE, token, 7 * DAY_MS)).not.toBeNull();
    expect(tokens.open(SCOPE, token, 7 * DAY_MS + 1)).toBeNull();
  });
});
