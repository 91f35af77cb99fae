import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Installation } from '@parley/tenancy';
import { describeWithKafka, type KafkaBroker, startOwnKafkaBroker } from '@parley/testing';
import { type Services, startServices } from '../support/services.js';
import { sendByHttp } from './http-sender.js';
import { partnerRecords } from './partner-records.js';
import { aPartner, openBeside, type Outcomes, outcomesOf, untilApplied } from './partner-tenant.js';
import { CODECS, presentClients } from './producers.js';
import { expectedState, servedState, type State } from './served-state.js';

const SEED = 20_260_115;
const clients = presentClients();

describeWithKafka('partners of other makes', () => {
  let broker: KafkaBroker;
  let services: Services;
  let installation: Installation;

  beforeAll(async () => {
    broker = (await startOwnKafkaBroker())!;
    services = await startServices({ brokers: broker.brokers });
    installation = await openBeside(services, broker.brokers);
  }, 90_000);
  afterAll(async () => {
    await installation.close();
    await services.stop();
    await broker.stop();
  }, 60_000);

  /** Each client with each codec sends a share. */
  async function sendByKafka(topic: string, records: ReturnType<typeof partnerRecords>) {
    const runs = clients.flatMap(([, send]) => CODECS.map((codec) => ({ send, codec })));
    for (const [number, { send, codec }] of runs.entries()) {
      const share = records.filter((_, place) => place % runs.length === number);
      await send({ brokers: broker.brokers, topic, codec, records: share });
    }
  }

  it('have every record accounted for, and end in the state that HTTP ends in', async () => {
    const records = partnerRecords(SEED);
    const kafka = await aPartner(installation, services.adminUrl);
    await sendByKafka(kafka.topic, records);
    await untilApplied(kafka, records.length);
    const outcomes = await outcomesOf(kafka);
    const http = await aPartner(installation, services.adminUrl);
    const sent = await sendByHttp(services.gateway.url, http.key, records);
    const expected = expectedState(records);
    const [byKafka, byHttp] = [await servedState(kafka.pool), await servedState(http.pool)];
    process.stderr.write(
      [
        `${clients.map(([name]) => name).join(', ')}; each with ${CODECS.join(', ')}`,
        `produced ${records.length} = ${asSum(outcomes)}`,
        `over HTTP: ${sent.taken} items taken, ${sent.refused} refused`,
        `sent ${asText(expected)}; Kafka ${asText(byKafka)}; HTTP ${asText(byHttp)}\n`,
      ].join('\n'),
    );
    const countOf = (wanted: string) => records.filter(({ kind }) => kind === wanted).length;
    expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(records.length);
    expect(outcomes).toMatchObject({
      'dead-lettered': countOf('bad'),
      waiting: countOf('waiting'),
    });
    expect([byKafka, byHttp]).toEqual([expected, expected]);
  }, 240_000);
});

function asSum(outcomes: Outcomes): string {
  const parts = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`);
  return parts.join(' + ');
}

function asText({ conversations, messages, checksum }: State): string {
  return `${conversations} conversations, ${messages} messages, ${checksum.slice(0, 12)}`;
}
