import { describe, expect, it } from '@jest/globals';
import { isOutage } from './known-errors.js';

const coded = (code: string): Error => Object.assign(new Error('…'), { code });

describe('an outage', () => {
  it.each([
    'Query read timeout',
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('is what pg calls “%s”', (message) => {
    expect(isOutage(new Error(message))).toBe(true);
  });

  it.each(['ECONNREFUSED', 'EHOSTUNREACH', '08006', '53300', '57P01', '57014'])(
    'is the code %s',
    (code) => {
      expect(isOutage(coded(code))).toBe(true);
    },
  );

  it('is no error of ours, of a statement, or of anything else', () => {
    const others = [coded('42601'), coded('23505'), new Error('no receipt'), 'timeout expired'];
    expect(others.filter(isOutage)).toEqual([]);
  });
});
