// A partner's producer: produce.cjs BROKERS TOPIC CODEC FILE, where a line is {"key", "value": base64 or null}.
const { readFileSync } = require('node:fs');
const { promisify } = require('node:util');
const { zstdCompress } = require('node:zlib');
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = require('kafkajs');
const { compressFrame } = require('lz4-napi');
const snappy = require('snappy');

const [brokers, topic, codec, file] = process.argv.slice(2);
const SENT_AT_ONCE = 100;

CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: ({ buffer }) => snappy.compress(buffer),
});
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: ({ buffer }) => compressFrame(buffer),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }) => promisify(zstdCompress)(buffer),
});
const TYPES = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

async function main() {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const lines = readFileSync(file, 'utf8').split('\n');
  for (let from = 0; from < lines.length; from += SENT_AT_ONCE) {
    const messages = lines.slice(from, from + SENT_AT_ONCE).map((line) => {
      const { key, value } = JSON.parse(line);
      return { key, value: value === null ? null : Buffer.from(value, 'base64') };
    });
    await producer.send({ topic, messages, compression: TYPES[codec], acks: -1 });
  }
  await producer.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
