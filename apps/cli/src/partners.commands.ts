import { conversationRecordSchema, partnerTopic } from '@parley/contracts';
import { ensurePartnerTopic, type Partner } from '@parley/tenancy';
import { type Answer } from './answer.js';
import { type Installation, tenantNamed } from './installation.js';

/** Options of `partners create` as they are typed. */
export interface CreatePartnerOptions {
  readonly tenant: string;
  readonly principal?: string;
}

const NO_PRINCIPAL = 'PRINCIPAL';
const NEEDS_KAFKA = 'Producers need Kafka: this installation runs on the embedded bus.';

/** `partners create`: makes the topic, registers it, and says what its producer needs; harmless when repeated. */
export async function createPartner(
  installation: Installation,
  { tenant, principal }: CreatePartnerOptions,
): Promise<Answer> {
  const { id } = await tenantNamed(installation, tenant);
  const { partners, brokers } = installation;
  await ensurePartnerTopic(await installation.bus(), partnerTopic(id));
  const partner = await partners.create(id, principal ?? null);
  const acls = brokers ? [aclCommand(partner, brokers)] : [];
  const kcat = brokers ? kcatLine(partner, brokers) : null;
  return {
    json: { ...shown(partner), acl_commands: acls, kcat },
    lines: [partner.topic, ...(brokers ? [...acls, kcat ?? ''] : [NEEDS_KAFKA])],
  };
}

/** `partners list` */
export async function listPartners({ partners, tenants }: Installation): Promise<Answer> {
  const all = await partners.list();
  const names = new Map((await tenants.list()).map(({ id, name }) => [id, name]));
  return {
    json: all.map((partner) => ({ ...shown(partner), created_at: partner.createdAt })),
    lines: all.map(({ tenantId, topic, principal }) =>
      [topic, names.get(tenantId) ?? '', principal ?? '–'].join('  '),
    ),
  };
}

function shown({ tenantId, topic, principal }: Partner) {
  return { tenant: tenantId, topic, principal };
}

/** What lets that principal produce to this topic, and nothing else: no other topic, no group, no creation. */
function aclCommand({ topic, principal }: Partner, brokers: readonly string[]): string {
  const name = principal ?? NO_PRINCIPAL;
  const user = name.includes(':') ? name : `User:${name}`;
  return [
    `kafka-acls.sh --bootstrap-server ${brokers.join(',')} --add`,
    `--allow-principal '${user}' --operation Write --operation Describe --topic '${topic}'`,
  ].join(' ');
}

function kcatLine({ topic }: Partner, brokers: readonly string[]): string {
  const sample = JSON.stringify(conversationRecordSchema['example']);
  return `echo '${sample}' | kcat -P -b ${brokers.join(',')} -t '${topic}' -k conv_001 -z gzip`;
}
