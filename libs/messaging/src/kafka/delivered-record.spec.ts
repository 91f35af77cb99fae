import { describe, expect, it } from '@jest/globals';
import { type IHeaders } from 'kafkajs';
import { deliveredRecord } from './delivered-record.js';

describe('a record that Kafka delivers', () => {
  const message = { offset: '7', timestamp: '-1', attributes: 0, key: null, value: null };

  it('has numbers for its offset and time, and no headers where Kafka has none', () => {
    const record = deliveredRecord({ ...message, size: 0 });
    expect(record).toEqual({ offset: 7, timestamp: -1, key: null, value: null, headers: {} });
  });

  it('has the last value of a header that came more than once, and none for one without', () => {
    const headers = {
      twice: [Buffer.from('1'), Buffer.from('2')],
      none: null as unknown as undefined,
    } satisfies IHeaders;
    expect(deliveredRecord({ ...message, headers }).headers).toEqual({
      twice: Buffer.from('2'),
      none: undefined,
    });
  });
});
