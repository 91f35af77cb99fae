import { openBenchInstallation } from './bench-installation.js';
import { consume } from './consume.js';
import { type Figure, median } from './figure.js';
import { publishSamples } from './sample-commands.js';

/** How far the log is to grow, in messages. */
export interface GrowthOptions {
  readonly upTo: number;
  readonly brokers?: string;
}

const STEPS = [100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000];
const ROUND = 20_000;
const ROUNDS_OF_A_STEP = 3;

/** What a message costs as its tenant's log grows, in µs from commit to commit, beside its cost at 100,000 messages. */
export async function benchGrowth({ upTo, brokers }: GrowthOptions): Promise<Figure[]> {
  const installation = await openBenchInstallation(brokers);
  try {
    const tenant = await installation.newTenant();
    const costs: { micros: number; own: number }[] = [];
    for (let messages = 0; messages < upTo; messages += ROUND) {
      const from = messages / 20;
      const commands = await publishSamples(installation.bus, tenant, ROUND, from);
      const { perSecond, cores } = await consume(installation, commands);
      const micros = (1_000_000 * commands) / (perSecond * ROUND);
      costs.push({ micros, own: micros * cores.own });
    }
    const steps = STEPS.filter((step) => step <= upTo);
    const at = (step: number, key: 'micros' | 'own') =>
      median(costs.slice(step / ROUND - ROUNDS_OF_A_STEP, step / ROUND).map((cost) => cost[key]));
    return steps.map((step) => {
      const [value, limit] = [at(step, 'micros'), at(STEPS[0]!, 'micros')];
      return {
        name: `ingest at ${step} messages`,
        bus: brokers ? ('kafka' as const) : ('embedded' as const),
        value: Math.round(value * 10) / 10,
        unit: 'µs a message',
        limit: Math.round(limit * 10) / 10,
        ratio: Math.round((value / limit) * 100) / 100,
        bound_by: `ingestion used ${Math.round(at(step, 'own'))} µs of a core for each`,
      };
    });
  } finally {
    await installation.close();
  }
}
