import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isKafkaRequired } from '@parley/testing';
import { type SentRecord } from './partner-records.js';

const run = promisify(execFile);
const SAMPLES = join(import.meta.dirname, '..', 'samples');
const PYTHON = '/usr/bin/python3';

/** The codecs that a producer can choose. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** A program of a partner: it sends records in order and ends when the broker has them all. */
export type Client = readonly [name: string, send: (sending: Sending) => Promise<void>];

/** What a program is told. */
export interface Sending {
  readonly brokers: string;
  readonly topic: string;
  readonly codec: (typeof CODECS)[number];
  readonly records: readonly SentRecord[];
}

/** Those that this machine has. One that it lacks is skipped loudly, or fails where `REQUIRE_KAFKA` is 1. */
export function presentClients(): Client[] {
  const programs: [...Client, isThere: () => boolean][] = [
    ['kcat', sendByKcat, () => runs('kcat', '-V')],
    [
      'confluent-kafka',
      sendByProgram(PYTHON, 'produce.py'),
      () => runs(PYTHON, '-c', 'import confluent_kafka'),
    ],
    ['kafkajs', sendByProgram(process.execPath, 'produce.cjs'), () => true],
  ];
  return programs.flatMap(([name, send, isThere]) => {
    if (isThere()) return [[name, send] as const];
    if (isKafkaRequired()) throw new Error(`${name} is not installed, and REQUIRE_KAFKA is 1`);
    process.stderr.write(`\nSKIPPED the producer ${name} (it is not installed)\n`);
    return [];
  });
}

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

/** One record a line, its key before a tab; an empty line of it is sent as null (-Z). */
async function sendByKcat({ brokers, topic, codec, records }: Sending): Promise<void> {
  const lines = records.map(({ key, value }) =>
    Buffer.concat([Buffer.from(`${key}\t`), value ?? Buffer.alloc(0), Buffer.from('\n')]),
  );
  await withFile(Buffer.concat(lines), (file) =>
    run('kcat', ['-P', '-b', brokers, '-t', topic, '-z', codec, '-K', '\t', '-Z', '-l', file]),
  );
}

function sendByProgram(program: string, script: string): Client[1] {
  return async ({ brokers, topic, codec, records }) => {
    const lines = records.map(({ key, value }) =>
      JSON.stringify({ key, value: value?.toString('base64') ?? null }),
    );
    await withFile(Buffer.from(lines.join('\n')), (file) =>
      run(program, [join(SAMPLES, script), brokers, topic, codec, file]),
    );
  };
}

async function withFile(content: Buffer, work: (file: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
  try {
    const file = join(folder, 'records');
    await writeFile(file, content);
    await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
