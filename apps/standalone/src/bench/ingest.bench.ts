import { availableParallelism } from 'node:os';
import { type Receipt } from '@parley/contracts';
import { createIngestion } from '@parley/ingestion';
import { createLogger } from '@parley/platform';
import { type BenchInstallation, openBenchInstallation } from './bench-installation.js';
import { copySeconds, encodedRows } from './copy-limit.js';
import { type CoresUsed, measureCores } from './cores.js';
import { type Figure, figureOf } from './figure.js';
import { publishSamples } from './sample-commands.js';

/** Messages of a pass, and passes, the first of which does not count. */
export interface IngestOptions {
  readonly messages: number;
  readonly passes: number;
  readonly brokers?: string;
}

interface Pass {
  readonly value: number;
  readonly limit: number;
  readonly cores: CoresUsed;
}

/** Messages per second from a topic into log and read models, beside COPY of the same rows without our code. */
export async function benchIngest(options: IngestOptions): Promise<Figure> {
  const installation = await openBenchInstallation(options.brokers);
  try {
    const passes: Pass[] = [];
    for (let pass = 0; pass < options.passes; pass += 1) {
      passes.push(await onePass(installation, options.messages));
    }
    const cores = passes.at(-1)?.cores ?? { own: 0, others: 0 };
    return figureOf(
      {
        name: 'ingest',
        bus: options.brokers ? 'kafka' : 'embedded',
        unit: 'messages/s',
        bound_by: `ingestion used ${cores.own} cores, PostgreSQL and the rest ${cores.others} of ${availableParallelism()}`,
      },
      passes,
    );
  } finally {
    await installation.close();
  }
}

async function onePass(installation: BenchInstallation, messages: number): Promise<Pass> {
  const tenant = await installation.newTenant();
  const commands = await publishSamples(installation.bus, tenant, messages);
  const { perSecond, cores } = await consume(installation, commands);
  const rows = await encodedRows(await installation.databases.pool(tenant, 'app'));
  const empty = await installation.databases.pool(await installation.newTenant(), 'app');
  await empty.query('SELECT extend_receipts(current_date)');
  const limit = messages / (await copySeconds(empty, rows));
  return { value: perSecond * (messages / commands), limit, cores };
}

/** Commands per second, from the first commit to the last. */
export async function consume(installation: BenchInstallation, commands: number) {
  const applied = new Countdown(commands);
  const app = await createIngestion({
    ...installation,
    logger: createLogger({ service: 'bench', level: 'fatal' }),
    receipts: applied,
    onFailure: (error) => applied.fail(error),
  });
  await applied.done;
  await app.close();
  return applied.rate();
}

/** Counts receipts down, and times all but those of the first commit. */
class Countdown {
  readonly done: Promise<void>;
  fail: (error: Error) => void = () => undefined;
  private end: () => void = () => undefined;
  private first = 0;
  private firstAt = 0;
  private count = 0;
  private cores: () => CoresUsed = () => ({ own: 0, others: 0 });
  private result = { perSecond: 0, cores: { own: 0, others: 0 } };

  constructor(private readonly expected: number) {
    this.done = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }

  post(_tenant: string, receipts: readonly Receipt[]): void {
    if (this.count === 0) {
      this.first = receipts.length;
      this.firstAt = performance.now();
      this.cores = measureCores();
    }
    this.count += receipts.length;
    if (this.count < this.expected) return;
    const seconds = (performance.now() - this.firstAt) / 1000;
    this.result = { perSecond: (this.count - this.first) / seconds, cores: this.cores() };
    this.end();
  }

  rate() {
    return this.result;
  }
}
