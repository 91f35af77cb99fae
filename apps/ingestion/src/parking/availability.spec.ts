import { describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { Availability, DatabaseAwayError } from './availability.js';

const PARK_AFTER_MS = 50;

const refused = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const locked = () => Object.assign(new Error('locked'), { code: '55P03' });
const never = () => new Promise<void>(() => undefined);

function availability(ping: () => Promise<void> = never): Availability {
  return new Availability({ ping, parkAfterMs: PARK_AFTER_MS });
}

describe('the database of a tenant', () => {
  it('is there where it answers, however long the work takes', async () => {
    let pings = 0;
    const there = availability(async () => void pings++);
    const { promise: work, resolve: finish } = Promise.withResolvers<string>();
    const answer = there.persist(() => work);
    await eventually(() => pings >= 3);
    finish('done');
    expect(await answer).toBe('done');
  });

  it('is away where neither the work nor a ping is answered, and the work is cut short', async () => {
    let reason: unknown;
    const work = async (signal: AbortSignal) => {
      signal.addEventListener('abort', () => void (reason = signal.reason));
      await never();
    };
    await expect(availability().persist(work)).rejects.toBeInstanceOf(DatabaseAwayError);
    expect(reason).toBeInstanceOf(DatabaseAwayError);
  });

  it('is away where it has refused for as long as anybody is to wait, not before', async () => {
    let tries = 0;
    const since = performance.now();
    const work = async () => {
      tries++;
      throw refused();
    };
    const failure = availability().persist(work);
    await expect(failure).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect(tries).toBeGreaterThan(1);
    // Timers may fire a little early.
    expect(performance.now() - since).toBeGreaterThan(PARK_AFTER_MS - 5);
  });

  it('is there where it refuses only for a moment', async () => {
    let tries = 0;
    const work = async () => {
      if (tries++ === 0) throw refused();
      return tries;
    };
    expect(await availability().persist(work)).toBe(2);
  });

  it('is not away where a lock does not come: that is thrown as it is', async () => {
    const work = () => Promise.reject(locked());
    await expect(availability().persist(work)).rejects.toMatchObject({ code: '55P03' });
  });

  it('is not asked again at once by others who would wait, but by who looks whether it is back', async () => {
    const one = availability();
    await expect(one.persist(never)).rejects.toBeInstanceOf(DatabaseAwayError);
    let isAsked = false;
    const work = async () => void (isAsked = true);
    await expect(one.persist(work)).rejects.toBeInstanceOf(DatabaseAwayError);
    expect(isAsked).toBe(false);
    await one.once(work);
    expect(isAsked).toBe(true);
    await expect(one.persist(work)).resolves.toBeUndefined();
  });
});
