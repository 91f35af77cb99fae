import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { startKafkaBroker } from '@parley/testing/kafka';
import { type Figure } from './figure.js';
import { benchGrowth } from './growth.bench.js';
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
    'up-to': { type: 'string', default: '2000000' },
    seconds: { type: 'string', default: '8' },
  },
});
const passes = Number(values.passes);
const messages = Number(values.messages);
const benches: Record<string, (on: { brokers?: string }) => Promise<Figure | readonly Figure[]>> = {
  ingest: (on) => benchIngest({ messages, passes, ...on }),
  rebuild: (on) => benchRebuild({ messages, passes, ...on }),
  http: (on) => benchHttp({ seconds: Number(values.seconds), passes, ...on }),
  growth: (on) => benchGrowth({ upTo: Number(values['up-to']), ...on }),
};

// Growth takes many minutes, so it comes only by its name.
const usual = Object.keys(benches).filter((name) => name !== 'growth');
const names = positionals.length > 0 ? positionals : usual;
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
  if (values.bus !== 'kafka') figures.push(...[await bench({})].flat());
  if (broker) figures.push(...[await bench({ brokers: broker.brokers })].flat());
}
await broker?.stop();
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else console.table(figures);
process.exit(0);
