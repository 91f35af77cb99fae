import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readModels } from '@parley/domain';
import { rebuildCheck, verifyLog } from '@parley/event-store';
import { describeWithKafka, type KafkaBroker, startOwnKafkaBroker } from '@parley/testing';
import { asLine, checkLog, type Verdict } from './support/check-log.js';
import { Load } from './support/load.js';
import { type Services, startServices } from './support/services.js';

const COMMIT_BEFORE_WRITE = join(import.meta.dirname, 'support', 'commit-before-write.main.ts');
const WRITERS = 8;

/** Kills one of `victims` at random moments under load, as often as said, and lets the load come to its end. */
async function crash(
  services: Services,
  victims: readonly ('gateway' | 'ingestion')[],
  kills: number,
): Promise<Verdict> {
  const load = new Load(services.gateway.url, services.key, WRITERS);
  for (let count = 0; count < kills; count += 1) {
    await load.goesOnFor(20 + Math.floor(Math.random() * 100));
    const victim = services[victims[count % victims.length]!];
    await victim.end('SIGKILL');
    await victim.start();
  }
  await load.stop();
  return checkLog(services.pool, load.acknowledged);
}

function describeCrashes(brokers: () => string | undefined): void {
  const options = () => {
    const named = brokers();
    return named === undefined ? {} : { brokers: named };
  };

  it('keeps what was acknowledged, once and in order, over kill -9 at random moments', async () => {
    const services = await startServices(options());
    try {
      const verdict = await crash(services, ['gateway', 'ingestion'], 8);
      process.stderr.write(`${asLine(verdict)} (${brokers() ? 'Kafka' : 'embedded bus'})\n`);
      expect(verdict).toMatchObject({ lost: 0, dup: 0, outOfOrder: 0 });
      expect(verdict.acked).toBeGreaterThan(100);
      await expect(verifyLog(services.pool)).resolves.toMatchObject({ ok: true });
      const tables = await rebuildCheck(services.pool, readModels);
      expect(tables.map(({ firstDifference }) => firstDifference)).toEqual(tables.map(() => null));
    } finally {
      await services.stop();
    }
  }, 180_000);

  it('finds the planted bug: an offset that is committed before the write loses records', async () => {
    const services = await startServices({ ...options(), ingestion: COMMIT_BEFORE_WRITE });
    try {
      const verdict = await crash(services, ['ingestion'], 6);
      process.stderr.write(`planted bug: ${asLine(verdict)}\n`);
      expect(verdict.lost).toBeGreaterThan(0);
    } finally {
      await services.stop();
    }
  }, 180_000);
}

describe('gateway and ingestion over the embedded bus', () => {
  describeCrashes(() => undefined);
});

describeWithKafka('gateway and ingestion over Kafka', () => {
  let broker: KafkaBroker | null = null;
  beforeAll(async () => {
    broker = await startOwnKafkaBroker();
  }, 60_000);
  afterAll(() => broker?.stop());
  describeCrashes(() => broker?.brokers);
});
