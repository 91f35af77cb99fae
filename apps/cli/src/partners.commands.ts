import { conversationRecordSchema, partnerTopic } from '@parley/contracts';
import { ensurePartnerTopic, type Partner } from '@parley/tenancy';
import { type Answer } from './answer.js';
import { type CliConfig } from './config.js';
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
  const { partners, config } = installation;
  await ensurePartnerTopic(await installation.bus(), partnerTopic(id));
  const partner = await partners.create(id, principal ?? null);
  if (!config.KAFKA_BROKERS) {
    const json = { ...shown(partner), acl_commands: [], kcat: null };
    return { json, lines: [partner.topic, NEEDS_KAFKA] };
  }
  const [acl, kcat] = [aclCommand(partner, config), kcatLine(partner, config)];
  return {
    json: { ...shown(partner), acl_commands: [acl], kcat },
    lines: [partner.topic, acl, kcat],
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
function aclCommand({ topic, principal }: Partner, config: CliConfig): string {
  const name = principal ?? NO_PRINCIPAL;
  const user = name.includes(':') ? name : `User:${name}`;
  return [
    `kafka-acls.sh --bootstrap-server ${brokersOf(config)} --add`,
    `--allow-principal '${user}' --operation Write --operation Describe --topic '${topic}'`,
  ].join(' ');
}

function kcatLine(partner: Partner, config: CliConfig): string {
  const sample = JSON.stringify(conversationRecordSchema['example']);
  const options = accessOptions(partner, config).map((option) => ` -X ${option}`);
  return [
    `echo '${sample}' | kcat -P -b ${brokersOf(config)}${options.join('')}`,
    `-t '${partner.topic}' -k conv_001 -z gzip`,
  ].join(' ');
}

/** How a partner logs in where we have to; its password is not ours to know. */
function accessOptions({ principal }: Partner, config: CliConfig): string[] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_TLS_CA_FILE: authority } = config;
  const hasTls = config.KAFKA_TLS ?? (authority ?? config.KAFKA_TLS_CERT_FILE) !== undefined;
  const protocol = [...(mechanism ? ['sasl'] : []), hasTls ? 'ssl' : 'plaintext'].join('_');
  const name = (principal ?? NO_PRINCIPAL).replace(/^User:/, '');
  return [
    ...(protocol === 'plaintext' ? [] : [`security.protocol=${protocol}`]),
    ...(authority && hasTls ? [`ssl.ca.location='${authority}'`] : []),
    ...(mechanism
      ? [`sasl.mechanism=${mechanism.toUpperCase()}`, `sasl.username='${name}'`, 'sasl.password=…']
      : []),
  ];
}

function brokersOf({ KAFKA_BROKERS = [] }: CliConfig): string {
  return KAFKA_BROKERS.join(',');
}
