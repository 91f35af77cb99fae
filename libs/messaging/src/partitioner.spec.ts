import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { partitionOf } from './partitioner.js';

describe('the partition of a key', () => {
  const kafka = kafkajs.Partitioners.DefaultPartitioner();

  function ofKafka(key: string | Buffer, partitions: number): number {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      ...{ partitionId, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] },
    }));
    return kafka({ topic: 't', partitionMetadata, message: { key, value: null } });
  }

  it('is the one that Kafka’s default partitioner chooses, for any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 100 }), (key, partitions) => {
        expect(partitionOf(key, partitions)).toBe(ofKafka(key, partitions));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same for a text and for its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        expect(partitionOf(key, 6)).toBe(partitionOf(Buffer.from(key), 6));
        expect(partitionOf(key, 6)).toBe(ofKafka(key, 6));
      }),
    );
  });
});
