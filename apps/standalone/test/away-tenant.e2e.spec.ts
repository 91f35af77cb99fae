import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countParked } from '@parley/tenancy';
import {
  describeWithKafka,
  eventually,
  type KafkaBroker,
  startOwnKafkaBroker,
} from '@parley/testing';
import {
  type AwayTenantRig,
  type SendingTenant,
  startAwayTenantRig,
} from './support/away-tenant.js';
import { asLine, checkLog } from './support/check-log.js';
import { awaySeconds } from './support/config.js';
import { PacedLoad, quantile, until } from './support/paced-load.js';

const AWAY_MS = awaySeconds() * 1_000;
const PACE = { writers: 10, everyMs: 500 };
const CATCH_UP = { timeoutMs: 120_000, intervalMs: 200 };

/** One tenant's database is silent at first and refuses later, while one ingestion after the other goes and comes. */
async function goThroughOutage({ proxy, ingestions }: AwayTenantRig): Promise<void> {
  const [first, second] = ingestions;
  const step = () => until(performance.now() + AWAY_MS / 5);
  proxy.setMode({ kind: 'black-hole' });
  await step();
  await second.end('SIGTERM');
  await step();
  await second.start();
  await step();
  proxy.setMode({ kind: 'cut' });
  await first.end('SIGTERM');
  await step();
  await first.start();
  await step();
  proxy.setMode({ kind: 'pass' });
}

async function verdictOf(rig: AwayTenantRig, { id }: SendingTenant, load: PacedLoad) {
  const pool = await rig.installation.databases.pool(id, 'app');
  return checkLog(pool, load.acknowledged);
}

async function run(rig: AwayTenantRig, bus: string): Promise<void> {
  const tenants = [rig.away, ...rig.others];
  const loads = tenants.map((tenant) => new PacedLoad(tenant.send, PACE));
  await goThroughOutage(rig);
  const late = loads.slice(1).flatMap((load) => load.lateMs);
  const parked = await countParked(rig.installation.control, rig.away.id);
  const since = performance.now();
  // Whoever may have begun to catch up.
  await rig.ingestions[0].end('SIGKILL');
  await rig.ingestions[0].start();
  // The load goes on: catching up must come to an end nevertheless.
  await eventually(async () => {
    const { partitions } = await countParked(rig.installation.control, rig.away.id);
    if (partitions > 0) throw new Error(`${partitions} partitions are parked`);
  }, CATCH_UP);
  const caughtUpMs = performance.now() - since;
  await Promise.all(loads.map((load) => load.stop()));
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => Math.round(quantile(late, share)));
  process.stderr.write(
    `${bus}: away ${AWAY_MS / 1000} s, parked ${parked.records} on ${parked.partitions} partitions, ` +
      `caught up in ${Math.round(caughtUpMs)} ms; others: ${late.length} writes, ` +
      `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms\n`,
  );
  expect(parked.records).toBeGreaterThan(0);
  for (const [index, tenant] of tenants.entries()) {
    await eventually(async () => {
      const verdict = await verdictOf(rig, tenant, loads[index]!);
      expect(asLine(verdict)).toMatch(/lost 0, dup 0, out of order 0$/);
    }, CATCH_UP);
    const verdict = await verdictOf(rig, tenant, loads[index]!);
    process.stderr.write(`${bus}: ${index === 0 ? 'away ' : 'other'} ${asLine(verdict)}\n`);
  }
}

function describeOutage(bus: string, brokers: () => string | undefined): void {
  it('loses nothing of it, keeps its order, and keeps nobody else waiting, over rebalances', async () => {
    const rig = await startAwayTenantRig(brokers());
    try {
      await run(rig, bus);
    } finally {
      await rig.stop();
    }
  }, 360_000);
}

describe('a tenant whose database is away, over the embedded bus', () => {
  describeOutage('embedded bus', () => undefined);
});

describeWithKafka('a tenant whose database is away, over Kafka', () => {
  let broker: KafkaBroker | null = null;
  beforeAll(async () => {
    broker = await startOwnKafkaBroker();
  }, 60_000);
  afterAll(() => broker?.stop());
  describeOutage('Kafka', () => broker?.brokers);
});
