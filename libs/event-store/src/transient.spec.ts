import { describe, expect, it } from '@jest/globals';
import { ConcurrencyError } from './errors.js';
import { isOutage, isTransient } from './transient.js';

const failure = (code?: string, message = 'failed') => Object.assign(new Error(message), { code });

const OUTAGES = [
  ...['08006', '53100', '53300', '57P01', '57P03', '58030'],
  ...['25006', '28P01', '3D000', '42P01', '55000', 'read-models/unknown-version'],
  'event/unknown-type',
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'],
];
const LOST_RACES = ['40001', '40P01', '55P03', '25P03', 'offset/fenced'];
const UNCODED = [
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
];
const DEFECTS = ['22P05', '23502', '23505', '42501', '42601', '57014', 'P0001', 'XX000'];

describe('a failure of a transaction', () => {
  it.each(OUTAGES)('is an outage, which may pass by itself, when it is %s', (code) => {
    expect(isTransient(failure(code))).toBe(true);
    expect(isOutage(failure(code))).toBe(true);
  });

  it.each(UNCODED)('is an outage, which may pass by itself, when pg says: %s', (message) => {
    expect(isTransient(failure(undefined, message))).toBe(true);
    expect(isOutage(failure(undefined, message))).toBe(true);
  });

  it.each(LOST_RACES)('is a lost race, which may pass by itself, when it is %s', (code) => {
    expect(isTransient(failure(code))).toBe(true);
    expect(isOutage(failure(code))).toBe(false);
  });

  it('may pass by itself when another consumer came first', () => {
    expect(isTransient(new ConcurrencyError('offset/fenced', ''))).toBe(true);
    expect(isTransient(new ConcurrencyError('stream/conflict', ''))).toBe(false);
  });

  it.each(DEFECTS)('comes back with every try when it is %s', (code) => {
    expect(isTransient(failure(code))).toBe(false);
    expect(isOutage(failure(code))).toBe(false);
  });

  it('comes back with every try when code of ours threw', () => {
    for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null])
      expect(isTransient(thrown)).toBe(false);
  });
});
