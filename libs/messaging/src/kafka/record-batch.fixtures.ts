/** Batches as brokers stored them, of three records each: by kcat 1.7.1 (librdkafka 2.0.2) and Kafka's Java client 4.3.1. */
export const STORED_BATCHES: readonly (readonly [
  producer: string,
  codec: string,
  base64: string,
])[] = [
  [
    'librdkafka',
    'gzip',
    'AAAAAAAAAAAAAACEAAAAAALdeA3BAAEAAAACAAABof9UI+wAAAGh/1Qj7P//////////////////AAAAAx+LCAAA' +
      'AAAAAANbwMrAwMCVnVqpa9DAWpaYU5qqYKAwSpNHMzHlMZkvAIYoEzhEDWEhaqgwSpNHw0OUBRyiRrAQNVIYpcmj' +
      'wSEKABOlwWX2AwAA',
  ],
  [
    'librdkafka',
    'snappy',
    'AAAAAAAAAAAAAAChAAAAAAIQKmdEAAIAAAACAAABof9UKbEAAAGh/1Qpsf//////////////////AAAAA/YHUKAF' +
      'AAAACmtleS0wgAV2YWx1ZSAwIP4IAP4IAP4IAP4IAN4IABACAm4CNyFSAAIlUgAxMVIAMS1S/ggA/ggA/ggA/ggA' +
      'xggABAICLVIABCVSADIxUgAyLVL+CAD+CAD+CAD+CADGCAAQAgJuAjc=',
  ],
  [
    'librdkafka',
    'lz4',
    'AAAAAAAAAAAAAACOAAAAAAIbAgXXAAMAAAACAAABof9UMXkAAAGh/1Qxef//////////////////AAAAAwQiTRhg' +
      'QIJOAAAA/wagBQAAAAprZXktMIAFdmFsdWUgMCAIAP8mUAICbgI3UgERAlIBFDFSARMxUgEPCAD/IAVSAREEUgEU' +
      'MlIBEzJSAQ8IAP8gUAICbgI3AAAAAA==',
  ],
  [
    'librdkafka',
    'zstd',
    'AAAAAAAAAAAAAAB+AAAAAAIdrAF4AAQAAAACAAABof9UNykAAAGh/1Q3Kf//////////////////AAAAAyi1L/0A' +
      'WCUCAJQCoAUAAAAKa2V5LTCABXZhbHVlIDAgAgJuAjegBQAAAjExBDIyAgJuAjcKAC9AAXAHHgNCQAEvQAFwB49V' +
      'LaGvmVqY',
  ],
  [
    'Java',
    'gzip',
    'AAAAAAAAAAAAAACJAAAAAAJNWAPPAAEAAAACAAABof9UD8UAAAGh/1QPxv//////////////////AAAAAx+LCAAA' +
      'AAAAAP9bwMrAwMCVnVqpa9DAWpaYU5qqYKAwSpNHMzHlMRksYGVgYgKHqCEsRA0VRmnyaFCIGoJClAUcokawEDVS' +
      'GKXJo0EhagQAbzaHK/YDAAA=',
  ],
  [
    'Java',
    'snappy',
    'AAAAAAAAAAAAAAC4AAAAAAKUoS/QAAIAAAACAAABof9UETMAAAGh/1QRwv//////////////////AAAAA4JTTkFQ' +
      'UFkAAAAAAQAAAAEAAABz+AdQoAUAAAAKa2V5LTCABXZhbHVlIDAg/ggA/ggA/ggA/ggA3ggAKAICbgIwogUAngIC' +
      'JVMAMTFTADEtU/4IAP4IAP4IAP4IAMYIACFTADElUwAEJVMAMjFTADItU/4IAP4IAP4IAP4IAMYIABACAm4CMg==',
  ],
  [
    'Java',
    'lz4',
    'AAAAAAAAAAAAAACWAAAAAAINGxszAAMAAAACAAABof9UEqAAAAGh/1QTcP//////////////////AAAAAwQiTRhg' +
      'QIJWAAAA/wagBQAAAAprZXktMIAFdmFsdWUgMCAIAP8msQICbgIwogUAhgMCUwEUMVMBEzFTAQ8IAP8gAFMBcTGi' +
      'BQCgAwRTARQyUwETMlMBDwgA/yBQAgJuAjIAAAAA',
  ],
  [
    'Java',
    'zstd',
    'AAAAAAAAAAAAAACFAAAAAAIvcjKBAAQAAAACAAABof9UFN8AAAGh/1QVK///////////////////AAAAAyi1L/0A' +
      'WEQCALQCoAUAAAAKa2V5LTCABXZhbHVlIDAgAgJuAjCiBQCYAQIxMTEEMjICAm4CMgsAL0ABcAceAyLgDljxAhQA' +
      'd/CY1RLmmqnlDgEAAA==',
  ],
];

/** A record to be put into a batch. */
export interface BatchedRecord {
  readonly key?: string | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[];
}

/** Fields of a batch's header; `attributes` holds the codec's number. */
export interface BatchFields {
  readonly baseOffset?: number;
  readonly attributes?: number;
  readonly count?: number;
  readonly magic?: number;
}

/** The records' bytes, as they go into a batch that is not compressed. */
export function recordBytes(records: readonly BatchedRecord[]): Buffer {
  return Buffer.concat(
    records.map(({ key = null, value = null, headers = [] }, delta) => {
      const body = Buffer.concat([
        ...[Buffer.of(0), varint(0), varint(delta)],
        ...[sized(key === null ? null : Buffer.from(key)), sized(value), varint(headers.length)],
        ...headers.flatMap(([name, bytes]) => [sized(Buffer.from(name)), sized(bytes)]),
      ]);
      return Buffer.concat([varint(body.length), body]);
    }),
  );
}

/** A batch of these bytes, whatever they are. */
export function batchOf(records: Buffer, fields: BatchFields = {}): Buffer {
  const { baseOffset = 0, attributes = 0, count = 1, magic = 2 } = fields;
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(baseOffset), 0);
  head.writeInt32BE(49 + records.length, 8);
  head.writeInt8(magic, 16);
  head.writeInt16BE(attributes, 21);
  head.writeInt32BE(count - 1, 23);
  head.writeBigInt64BE(1_000n, 27);
  head.writeBigInt64BE(2_000n, 35);
  head.writeBigInt64BE(-1n, 43);
  head.writeInt32BE(count, 57);
  return Buffer.concat([head, records]);
}

function sized(bytes: Buffer | null): Buffer {
  return bytes ? Buffer.concat([varint(bytes.length), bytes]) : varint(-1);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
