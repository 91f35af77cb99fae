import { availableParallelism } from 'node:os';
import { type BenchInstallation, openBenchInstallation } from './bench-installation.js';
import { consume } from './consume.js';
import { copySeconds, encodedRows } from './copy-limit.js';
import { type CoresUsed } from './cores.js';
import { type Figure, figureOf } from './figure.js';
import { savedPerSecond } from './row-at-a-time.js';
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
  readonly saved: number;
  readonly relayed: number;
  readonly cores: CoresUsed;
}

const TENANTS = 8;
const SAVED_MESSAGES = 500;

/**
 * Messages per second from a topic into log and read models: of one tenant, beside COPY of the same rows without our
 * code and beside a row at a time; while its events go on to the bus; and of eight tenants side by side.
 */
export async function benchIngest(options: IngestOptions): Promise<Figure[]> {
  const installation = await openBenchInstallation(options.brokers);
  try {
    const passes: Pass[] = [];
    for (let pass = 0; pass < options.passes; pass += 1) {
      passes.push(await onePass(installation, options.messages));
    }
    return [...figures(options, passes), await sideBySide(installation, options, passes)];
  } finally {
    await installation.close();
  }
}

async function onePass(installation: BenchInstallation, messages: number): Promise<Pass> {
  const tenant = await installation.newTenant();
  const commands = await publishSamples(installation.bus, tenant, messages);
  const { perSecond, cores } = await consume(installation, commands);
  const rows = await encodedRows(await installation.databases.pool(tenant, 'app'));
  const limit = messages / (await limitSeconds(installation, rows));
  const saved = await savedPerSecond(installation, SAVED_MESSAGES);
  await publishSamples(installation.bus, await installation.newTenant(), messages);
  const relayed = await consume(installation, commands, true);
  const share = messages / commands;
  return { value: perSecond * share, limit, saved, relayed: relayed.perSecond * share, cores };
}

/** The mean of two runs: a single one of a second or two is at the mercy of whatever else the machine does. */
async function limitSeconds(
  installation: BenchInstallation,
  rows: Map<string, Buffer>,
): Promise<number> {
  let seconds = 0;
  for (let run = 0; run < 2; run += 1) {
    const empty = await installation.databases.pool(await installation.newTenant(), 'app');
    await empty.query('SELECT extend_receipts(current_date)');
    await installation.settle();
    seconds += await copySeconds(empty, rows);
  }
  return seconds / 2;
}

function figures(options: IngestOptions, passes: readonly Pass[]): Figure[] {
  const { own, others } = passes.at(-1)?.cores ?? { own: 0, others: 0 };
  const about = {
    ...aboutRun(options),
    bound_by: `ingestion used ${own} cores, PostgreSQL and the rest ${others} of ${availableParallelism()}`,
  };
  return [
    figureOf({ ...about, name: 'ingest' }, passes),
    figureOf(
      { ...about, name: 'ingest, times a row at a time' },
      passes.map(({ value, saved }) => ({ value, limit: saved })),
    ),
    figureOf(
      { ...about, name: 'ingest while relaying', bound_by: 'the same cores publish its events' },
      passes.map(({ relayed, value }) => ({ value: relayed, limit: value })),
    ),
  ];
}

/** The ceiling of one tenant, whose writes are serial, and of eight. */
async function sideBySide(
  installation: BenchInstallation,
  options: IngestOptions,
  passes: readonly Pass[],
): Promise<Figure> {
  const messages = Math.ceil(options.messages / TENANTS) * 2;
  const tenants = await Promise.all(
    Array.from({ length: TENANTS }, () => installation.newTenant()),
  );
  const published = await Promise.all(
    tenants.map((tenant) => publishSamples(installation.bus, tenant, messages)),
  );
  const commands = published.reduce((sum, count) => sum + count, 0);
  const { perSecond, cores } = await consume(installation, commands);
  const value = perSecond * ((messages * TENANTS) / commands);
  const one = figureOf({ ...aboutRun(options), name: '', bound_by: '' }, passes).value;
  const bound_by = `ingestion used ${cores.own} cores, PostgreSQL and the rest ${cores.others}; the limit is one tenant`;
  return figureOf({ ...aboutRun(options), name: `ingest of ${TENANTS} tenants`, bound_by }, [
    { value, limit: one },
  ]);
}

function aboutRun({ brokers }: IngestOptions) {
  return { bus: brokers ? ('kafka' as const) : ('embedded' as const), unit: 'messages/s' };
}
