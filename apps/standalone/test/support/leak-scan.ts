import { type Bus } from '@parley/messaging';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

/** Where nothing may be found: every table of every database of a server, every topic but one, every line logged. */
export interface ScannedPlaces {
  readonly adminUrl: string;
  readonly bus: Bus;
  readonly brokers: string | undefined;
  readonly logged: readonly string[];
  /** The partner's own topic, whose records are the partner's. */
  readonly ownTopic: string;
}

const BUS_DATABASE = 'parley_bus';

/** Which of these texts are found where, as `place: text`; as they are, or as hexadecimal digits, or as base64. */
export async function findLeaks(at: ScannedPlaces, texts: readonly string[]): Promise<string[]> {
  const spellings = texts.flatMap((text) =>
    spellingsOf(text).map((spelling) => ({ text, spelling })),
  );
  const leaks = new Set<string>();
  const look = (place: string, content: string) => {
    for (const { text, spelling } of spellings)
      if (content.includes(spelling)) leaks.add(`${place}: ${text}`);
  };
  for (const database of await databases(at.adminUrl)) await lookAtTables(at, database, look);
  for (const topic of await topics(at)) await lookAtTopic(at.bus, topic, look);
  at.logged.forEach((line) => look('log', line));
  return [...leaks].sort();
}

type Look = (place: string, content: string) => void;

function spellingsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  // In base64 a text is spelt in three ways, by where in the whole it begins; its ends depend on what is beside it.
  const encoded = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [text, bytes.toString('hex'), ...encoded];
}

async function databases(adminUrl: string): Promise<string[]> {
  const found = await query<{ name: string }>(
    adminUrl,
    'SELECT datname AS name FROM pg_database WHERE datallowconn',
  );
  return found.map(({ name }) => name);
}

async function lookAtTables(at: ScannedPlaces, database: string, look: Look): Promise<void> {
  const url = new URL(at.adminUrl);
  url.pathname = `/${database}`;
  const isBus = database === BUS_DATABASE;
  const tables = await query<{ name: string }>(
    url.href,
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_toast%'
        AND NOT ($1 AND n.nspname = 'pg_catalog')`,
    [isBus],
  );
  for (const { name } of tables) {
    const isRecords = isBus && name.includes('.bus_records');
    const others = isRecords
      ? 'WHERE topic_id NOT IN (SELECT topic_id FROM bus_topic_ids WHERE topic = $1)'
      : 'WHERE $1::text IS NOT NULL';
    const sql = `SELECT r::text AS content FROM ${name} AS r ${others}`;
    const rows = await query<{ content: string }>(url.href, sql, [at.ownTopic]);
    rows.forEach(({ content }) => look(`${database}.${name}`, content));
  }
}

/** The embedded bus keeps its records in tables. */
async function topics({ brokers, ownTopic }: ScannedPlaces): Promise<string[]> {
  if (brokers === undefined) return [];
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const all = await admin.listTopics();
  await admin.disconnect();
  return all.filter((topic) => topic !== ownTopic && !topic.startsWith('__'));
}

async function lookAtTopic(bus: Bus, topic: string, look: Look): Promise<void> {
  for (const { partition, highWater: to } of await bus.ends(topic))
    await bus.readRange({ topic, partition, from: 0, to }, async (records) => {
      for (const { key, headers, value } of records) {
        const parts = [key, ...Object.values(headers), value];
        look(topic, parts.map((part) => part?.toString('latin1') ?? '').join('\n'));
      }
    });
}

async function query<Row extends pg.QueryResultRow>(
  connectionString: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
