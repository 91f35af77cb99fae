import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MessageFields, messageHash, type RecordConversation } from '@parley/contracts';
import { InProcess } from './support/in-process.js';
import { seeded } from './support/random-history.js';

const CONVERSATIONS = 100;
const MESSAGES = 100;
const HEADER = { timestamp: '2024-01-15T10:30:00Z', is_resolved: false };

interface Finding {
  readonly line?: number;
  readonly status?: string;
  readonly conversation_id?: string;
  readonly message_id?: string;
  readonly stored_hash?: string;
}

function messagesOf(conversation: number): MessageFields[] {
  return Array.from({ length: MESSAGES }, (_, n) => ({
    message_id: `m${n}`,
    role: n % 2 === 0 ? 'customer' : 'agent',
    sender_id: `s${conversation}`,
    content: `text ${n} of ${conversation} 🎉`,
    timestamp: '2024-01-15T10:31:00Z',
    order: { rank: n / 8, of: ['b', 'a'] },
  }));
}

function record(conversation: number, messages: readonly MessageFields[]): RecordConversation {
  const identity = { conversation_id: `c${conversation}`, agent_id: 'bot' };
  return {
    type: 'RecordConversation',
    data: { ...identity, mode: 'replace', header: HEADER, messages },
  };
}

describe('10,000 messages', () => {
  let parley: InProcess;
  const manifest: {
    agent_id: string;
    conversation_id: string;
    message_id: string;
    sha256: string;
  }[] = [];

  beforeAll(async () => {
    parley = await InProcess.start();
    const sends = Array.from({ length: CONVERSATIONS }, (_, conversation) => {
      const messages = messagesOf(conversation);
      for (const message of messages)
        manifest.push({
          ...{ agent_id: 'bot', conversation_id: `c${conversation}` },
          ...{ message_id: message.message_id, sha256: messageHash(message) },
        });
      return parley.send({ command: record(conversation, messages), door: 'upload' });
    });
    await Promise.all(sends);
  }, 120_000);

  afterAll(() => parley.stop(), 30_000);

  async function reconcile(lines: readonly object[], query = ''): Promise<Finding[]> {
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const answer = await parley.post(`ingest/reconcile${query}`, text);
    expect(answer.status).toBe(200);
    return answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Finding);
  }

  /** Ten places of the 10,000. */
  function places(seed: number): number[] {
    const random = seeded(seed);
    const found = new Set<number>();
    while (found.size < 10) found.add(Math.floor(random() * manifest.length));
    return [...found];
  }

  it('are all there, with a position each', async () => {
    const findings = await reconcile(manifest);

    expect(findings.at(-1)).toMatchObject({
      present: 10_000,
      different: 0,
      missing: 0,
      invalid: 0,
    });
    expect(findings).toHaveLength(10_001);
  });

  it('of which 7 never came and 3 were altered: exactly these 10 are named', async () => {
    const [lost, altered] = [places(1).slice(0, 7), places(1).slice(7)];
    const sent = manifest.map((line, place) => ({
      ...line,
      ...(lost.includes(place) && { message_id: `lost ${place}` }),
      ...(altered.includes(place) && { sha256: 'f'.repeat(64) }),
    }));
    const findings = await reconcile(sent);
    const named = findings.filter(({ line, status }) => line && status !== 'present');

    expect(named.map(({ line, status }) => [line, status])).toEqual(
      [
        ...lost.map((n) => [n + 1, 'missing']),
        ...altered.map((n) => [n + 1, 'different']),
      ].toSorted(([a], [b]) => Number(a) - Number(b)),
    );
    expect(named.flatMap(({ stored_hash }) => stored_hash ?? []).toSorted()).toEqual(
      altered.map((place) => manifest[place]!.sha256).toSorted(),
    );
  });

  it('of whose manifest 7 lines were deleted and 3 altered: exactly these 10 are named', async () => {
    const [deleted, altered] = [places(2).slice(0, 7), places(2).slice(7)];
    const sent = manifest
      .map((line, place) => (altered.includes(place) ? { ...line, sha256: '0'.repeat(64) } : line))
      .filter((_, place) => !deleted.includes(place));
    const findings = await reconcile(sent, '?unlisted=true');
    const nameOf = (of: Finding) => `${of.conversation_id}/${of.message_id}`;
    const named = findings.filter(({ status }) => status !== undefined && status !== 'present');
    const names = named.map((finding) =>
      finding.line ? nameOf(sent[finding.line - 1]!) : nameOf(finding),
    );

    expect(names.toSorted()).toEqual(
      [...deleted, ...altered].map((place) => nameOf(manifest[place]!)).toSorted(),
    );
    expect(findings.at(-1)).toMatchObject({ present: 9_990, different: 3, unlisted: 7 });
  });

  it('are compared with what was sent where redaction keeps something else', async () => {
    const sent = messagesOf(0).slice(0, 1);
    const kept = sent.map((message) => ({ ...message, content: '[email]' }));
    const message_hashes = sent.map(messageHash);
    const command = record(9_999, kept);
    const redaction = { masked: ['messages[].content: email'], message_hashes };
    await parley.send({ command, door: 'upload', redaction });
    const line = { agent_id: 'bot', conversation_id: 'c9999', message_id: 'm0' };

    expect(
      await reconcile([
        { ...line, sha256: message_hashes[0] },
        { ...line, sha256: messageHash(kept[0]!) },
      ]),
    ).toMatchObject([{ status: 'present' }, { status: 'different' }, {}]);
  });
});
