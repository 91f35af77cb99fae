import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus } from '../../src/index.js';
import {
  type BusHarness,
  type Codec,
  consumeInto,
  type ForeignRecord,
  newTopic,
  type OpenBuses,
  record,
} from './harness.js';

const key = Buffer.from('a');
const FOREIGN: readonly [string, ForeignRecord][] = [
  ['no key', { key: null, value: Buffer.from('{}') }],
  ['no value', { key, value: null }],
  ['neither key nor value', { key: null, value: null }],
  ['an empty value', { key, value: Buffer.alloc(0) }],
  ['a value that is not JSON', { key, value: Buffer.from('{"a":') }],
  ['a value that is not UTF-8', { key, value: Buffer.from([0xff, 0xfe, 0x00]) }],
  ['a key that is not UTF-8', { key: Buffer.from([0xff, 0x00]), value: Buffer.from('{}') }],
  [
    'headers of any bytes',
    {
      key,
      value: Buffer.from('{}'),
      headers: { odd: Buffer.from([0, 255, 128]), empty: Buffer.alloc(0) },
    },
  ],
  ['a header of a prototype’s name', { key, value: key, headers: { constructor: key } }],
];

const CODECS: readonly Codec[] = ['gzip', 'snappy', 'lz4', 'zstd'];

export function describeForeignRecords(buses: OpenBuses, harness: () => BusHarness): void {
  describe('records of other programs', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it.each(FOREIGN)('come as they are, and do no harm, with %s', async (_, foreign) => {
      const topic = await newTopic(bus, 1);
      await harness().publishForeign(topic, [foreign]);
      await bus.publish(topic, [record('a', 'after')]);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(2);
      const sent = Object.entries(foreign.headers ?? {});
      const came = Object.entries(inbox.records[0]!.headers);
      expect(inbox.records[0]).toMatchObject({ key: foreign.key, value: foreign.value });
      expect(came.map(([name, said]) => [name, Buffer.from(said!)])).toEqual(sent);
      expect(inbox.values[1]).toBe('after');
    });

    it.each(CODECS)('come whole out of a batch compressed with %s', async (codec) => {
      const topic = await newTopic(bus, 1);
      const values = Array.from({ length: 50 }, (_, n) => Buffer.from(`${n}`.repeat(1_000)));
      await harness().publishCompressed(
        topic,
        values.map((value) => ({ key, value })),
        codec,
      );
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(50);
      expect(inbox.records.map(({ value }) => value)).toEqual(values);
    });
  });
}
