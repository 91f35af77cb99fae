import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import kafkajs, { type Producer } from 'kafkajs';

const BOMB_BYTES = 400_000_000;
const UNKNOWN_CODEC = 5;
const { CompressionCodecs, CompressionTypes } = kafkajs;

/** A way to do harm, and what has to become of it: a reason, or null where the broker itself refuses it. */
export interface Poison {
  readonly name: string;
  readonly reason: string | null;
  send(producer: Producer, topic: string): Promise<void>;
}

/** One of each kind. */
export async function allPoisons(): Promise<readonly Poison[]> {
  const packed = await bomb();
  return [
    ofValue('bad JSON', 'malformed_json', '{"conversation_id":'),
    ofValue('5,000 levels', 'too_deep', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    ofValue('NUL', 'nul_character', '{"content":"a\\u0000b"}'),
    ofValue('half a character', 'lone_surrogate', '{"content":"\\udc00"}'),
    ofValue('no value', 'missing_field', null),
    ofBytes('400 MB in gzip', 'undecodable_batch', { codec: CompressionTypes.GZIP, bytes: packed }),
    ofBytes('unknown codec', null, { codec: UNKNOWN_CODEC, bytes: Buffer.from('whatever') }),
  ];
}

function ofValue(name: string, reason: string, value: string | null): Poison {
  return {
    ...{ name, reason },
    send: async (producer, topic) => {
      await producer.send({ topic, messages: [{ key: 'poison', value }] });
    },
  };
}

/** Sends these bytes as what a codec made of a batch. */
function ofBytes(
  name: string,
  reason: string | null,
  { codec, bytes }: { readonly codec: number; readonly bytes: Buffer },
): Poison {
  return {
    ...{ name, reason },
    send: async (producer, topic) => {
      const codecs = CompressionCodecs as Record<number, unknown>;
      const honest = codecs[codec];
      codecs[codec] = () => ({ compress: () => Promise.resolve(bytes) });
      try {
        const messages = [{ key: 'poison', value: 'in the place of the bytes' }];
        await producer.send({ topic, compression: codec, messages });
      } finally {
        codecs[codec] = honest;
      }
    },
  };
}

/** One record of 400 MB of spaces, in gzip of some 0.4 MB; its bytes are never in memory together. */
async function bomb(): Promise<Buffer> {
  const piece = Buffer.alloc(1_000_000, ' ');
  function* record() {
    // A record's length, attributes, time, offset and missing key, then the value's length; both lengths as varints.
    yield Buffer.from([0x92, 0x90, 0xbc, 0xfd, 0x02, 0, 0, 0, 1, 0x80, 0x90, 0xbc, 0xfd, 0x02]);
    for (let sent = 0; sent < BOMB_BYTES; sent += piece.length) yield piece;
    yield Buffer.of(0);
  }
  return buffer(Readable.from(record()).pipe(createGzip()));
}
