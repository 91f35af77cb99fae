import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { startKafkaBroker } from '@parley/testing/kafka';
import { type Figure } from './figure.js';
import { benchHttp } from './http.bench.js';
import { benchIngest } from './ingest.bench.js';
import { benchRebuild } from './rebuild.bench.js';

/** `npm run bench -- [NAME] [--json] [--bus embedded|kafka]`: each figure beside the limit of the same run. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    bus: { type: 'string' },
    passes: { type: 'string', default: '4' },
    messages: { type: 'string', default: '40000' },
    seconds: { type: 'string', default: '8' },
  },
});
const passes = Number(values.passes);
const benches: Record<string, (brokers?: string) => Promise<Figure>> = {
  ingest: (brokers) =>
    benchIngest({ messages: Number(values.messages), passes, ...(brokers ? { brokers } : {}) }),
  rebuild: (brokers) =>
    benchRebuild({ messages: Number(values.messages), passes, ...(brokers ? { brokers } : {}) }),
  http: (brokers) =>
    benchHttp({ seconds: Number(values.seconds), passes, ...(brokers ? { brokers } : {}) }),
};

const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  throw new Error(
    `no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`,
  );
}
const broker = values.bus === 'embedded' ? null : await startKafkaBroker();
const figures: Figure[] = [];
for (const name of names) {
  const bench = benches[name]!;
  if (values.bus !== 'kafka') figures.push(await bench());
  if (broker) figures.push(await bench(broker.brokers));
}
await broker?.stop();
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else console.table(figures);
process.exit(0);
