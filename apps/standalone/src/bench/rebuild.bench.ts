import { availableParallelism } from 'node:os';
import { readModels } from '@parley/domain';
import { rebuildReadModels } from '@parley/event-store';
import { databaseUrl } from '@parley/tenancy';
import { type BenchInstallation, openBenchInstallation } from './bench-installation.js';
import { consume } from './consume.js';
import { type CoresUsed, measureCores } from './cores.js';
import { type Figure, figureOf } from './figure.js';
import { type IngestOptions } from './ingest.bench.js';
import { publishSamples } from './sample-commands.js';

interface Pass {
  readonly value: number;
  readonly limit: number;
  readonly lockedMs: number;
  readonly cores: CoresUsed;
}

/** Events per second from the log into new read models, beside the rate at which the same events were ingested. */
export async function benchRebuild(
  options: IngestOptions,
): Promise<Figure & { readonly locked_ms: number }> {
  const installation = await openBenchInstallation(options.brokers);
  try {
    const passes: Pass[] = [];
    for (let pass = 0; pass < options.passes; pass += 1) {
      passes.push(await onePass(installation, options.messages));
    }
    const last = passes.at(-1);
    const { own, others } = last?.cores ?? { own: 0, others: 0 };
    const about = {
      name: 'rebuild',
      bus: options.brokers ? ('kafka' as const) : ('embedded' as const),
      unit: 'events/s',
      bound_by: `the rebuild used ${own} cores, PostgreSQL and the rest ${others} of ${availableParallelism()}`,
    };
    return { ...figureOf(about, passes), locked_ms: Math.ceil(last?.lockedMs ?? 0) };
  } finally {
    await installation.close();
  }
}

async function onePass(installation: BenchInstallation, messages: number): Promise<Pass> {
  const tenant = await installation.newTenant();
  const commands = await publishSamples(installation.bus, tenant, messages);
  const ingested = await consume(installation, commands);
  const place = {
    pool: await installation.databases.pool(tenant, 'app'),
    adminUrl: databaseUrl(installation.adminUrl, tenant).href,
    versions: readModels,
  };
  const measured = measureCores();
  const { events, seconds, lockedMs } = await rebuildReadModels(place, { actor: 'bench' });
  return { value: events / seconds, limit: ingested.perSecond, lockedMs, cores: measured() };
}
