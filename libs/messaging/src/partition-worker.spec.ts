import { describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { type Chunk, type DeliveredRecord } from './bus.js';
import { PartitionWorker, type WorkerSettings } from './partition-worker.js';

const source = { bus: 'b', incarnation: 1, group: 'g', topic: 't', partition: 0 };

function records(from: number, count: number, bytes = 10): DeliveredRecord[] {
  const value = Buffer.alloc(bytes);
  return Array.from({ length: count }, (_, n) => ({
    ...{ offset: from + n, timestamp: 0, key: null, headers: {}, value },
  }));
}

function worker(settings: Partial<WorkerSettings> = {}): PartitionWorker {
  return new PartitionWorker(source, 0, {
    ...{ maxRecords: 10, maxBytes: 1_000, maxAttempts: 3, backoff: () => 0 },
    signal: new AbortController().signal,
    handler: () => new Promise(() => undefined),
    onTaken: () => undefined,
    onFailed: () => undefined,
    ...settings,
  });
}

describe('the worker of a partition', () => {
  it('has no room while a chunk of records waits behind the one under way', () => {
    const busy = worker();
    busy.offer(records(0, 10), 20);
    expect(busy.hasRoom).toBe(true);
    busy.offer(records(10, 9), 20);
    expect(busy.hasRoom).toBe(true);
    busy.offer(records(19, 1), 20);
    expect(busy.hasRoom).toBe(false);
  });

  it('has no room while a chunk of bytes waits behind the one under way', () => {
    const busy = worker();
    busy.offer(records(0, 1, 5_000), 1);
    expect(busy.hasRoom).toBe(true);
    busy.offer(records(1, 1, 5_000), 2);
    expect(busy.hasRoom).toBe(false);
  });

  it('leaves out records that it was offered before', async () => {
    const got: number[] = [];
    const idle = worker({
      handler: async (chunk: Chunk) => void got.push(...chunk.records.map(({ offset }) => offset)),
    });
    idle.offer(records(0, 5), 5);
    idle.offer(records(2, 5), 7);
    await idle.abandon();
    expect(got).toEqual([0, 1, 2, 3, 4]);
    expect(idle.next).toBe(7);
  });

  it('counts nothing as dealt with that it abandoned', async () => {
    const abandoned = worker({
      handler: (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        ),
    });
    abandoned.offer(records(0, 5), 5);
    await abandoned.abandon();
    expect(abandoned.handled).toBeNull();
  });

  it('counts offsets with gaps between them by the last one', async () => {
    const done = worker({ handler: async () => undefined });
    done.offer([...records(3, 1), ...records(9, 1)], 12);
    await done.abandon();
    expect(done.handled).toBe(10);
  });

  it('tries for ever where the number of tries has no limit', async () => {
    let tries = 0;
    const patient = worker({
      maxAttempts: Infinity,
      handler: async () => {
        if (++tries < 100) throw new Error('again');
      },
    });
    patient.offer(records(0, 1), 1);
    await eventually(() => patient.handled === 1);
    expect(tries).toBe(100);
  });
});
