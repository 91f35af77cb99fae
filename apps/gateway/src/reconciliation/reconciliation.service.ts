import { Readable } from 'node:stream';
import { sentText } from '@parley/domain';
import { type Digest } from '@parley/event-store';
import { type Principal } from '@parley/tenancy';
import { type HttpProblem, problem } from '../errors/http-problem.js';
import { type Finding, Findings, toLines } from './findings.js';
import { type SentManifest } from './reconciliation-request.js';
import { LineSplitter } from './line-splitter.js';
import { ListedMessages } from './listed-messages.js';
import { manifestOf } from './manifest-body.js';
import {
  decodeLine,
  isLine,
  type LineProblem,
  type ManifestLine,
  MAX_LINE_BYTES,
} from './manifest-line.js';
import {
  type ReconciliationQueries,
  type StoredHash,
  type StoredMessageHash,
} from './reconciliation.queries.js';

const MAX_LINES = 1_000_000;
const MAX_BYTES = 1024 ** 3;
const LINES_AT_ONCE = 1000;
const MAX_UNDER_WAY = 2;

interface Comparison {
  readonly tenant: string;
  readonly digest: Digest;
  readonly findings: Findings;
  readonly listed: ListedMessages | null;
}

interface NumberedLine {
  readonly line: number;
  readonly decoded: ManifestLine | LineProblem;
}

/** Compares what senders say they have sent with what is there, line by line. */
export class ReconciliationService {
  private readonly underWay = new Map<string, number>();

  /** A sender that says nothing for `idleMs` is given up. */
  constructor(
    private readonly queries: ReconciliationQueries,
    private readonly idleMs: number,
  ) {}

  /**
   * The answer to a manifest, once all of it has come; the stream must be read or destroyed. The manifest is read only
   * as fast as it is compared. Where `unlisted` is asked for, the messages of the conversations in it follow that it
   * does not name.
   */
  async reconcile(
    { tenantId: tenant }: Principal,
    { body, unlisted }: SentManifest,
  ): Promise<Readable> {
    const release = this.begin(tenant);
    try {
      const asOf = await this.queries.head(tenant);
      const comparison = {
        tenant,
        digest: await this.queries.digest(tenant),
        findings: new Findings(),
        listed: unlisted ? new ListedMessages() : null,
      };
      await this.compareAll(comparison, manifestOf(body, this.idleMs));
      return Readable.from(this.answer(comparison, asOf)).once('close', release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Holds an account to a few at a time: each keeps megabytes until it is answered. */
  private begin(tenant: string): () => void {
    const count = this.underWay.get(tenant) ?? 0;
    if (count >= MAX_UNDER_WAY) {
      throw problem(429, 'rate_limited', 'other manifests of this account are being compared', {
        'Retry-After': '10',
      });
    }
    this.underWay.set(tenant, count + 1);
    return () => {
      const left = (this.underWay.get(tenant) ?? 1) - 1;
      if (left === 0) this.underWay.delete(tenant);
      else this.underWay.set(tenant, left);
    };
  }

  private async compareAll(comparison: Comparison, manifest: AsyncIterable<Buffer>): Promise<void> {
    const splitter = new LineSplitter(MAX_LINE_BYTES);
    let [line, bytes] = [0, 0];
    let batch: NumberedLine[] = [];
    const take = async (lines: readonly (Buffer | null)[]): Promise<void> => {
      for (const text of lines) {
        line += 1;
        if (line > MAX_LINES) throw tooLarge();
        if (!text || !isBlank(text)) batch.push({ line, decoded: decodeLine(text) });
        if (batch.length < LINES_AT_ONCE) continue;
        await this.compare(comparison, batch);
        batch = [];
      }
    };
    for await (const chunk of manifest) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw tooLarge();
      await take(splitter.push(chunk));
    }
    await take(splitter.end());
    await this.compare(comparison, batch);
  }

  private async compare(
    { tenant, digest, findings, listed }: Comparison,
    batch: readonly NumberedLine[],
  ): Promise<void> {
    const lines = batch.map(({ decoded }) => decoded).filter(isLine);
    const stored = await this.queries.lookUp(tenant, lines);
    stored.forEach(({ stream_id }, index) => {
      if (stream_id !== null) listed?.add(stream_id, lines[index]?.message_id ?? null);
    });
    const answers = stored.values();
    findings.add(
      batch.map(({ line, decoded }) =>
        isLine(decoded)
          ? { line, ...found(decoded, answers.next().value, digest) }
          : { line, status: 'invalid', problem: decoded },
      ),
    );
  }

  private async *answer(
    { tenant, findings, listed }: Comparison,
    asOf: number,
  ): AsyncGenerator<Buffer | string> {
    yield* findings.lines();
    let unlisted = 0;
    for await (const page of this.queries.listMessages(tenant, listed?.streams ?? [])) {
      const missed = page.filter((row) => listed?.has(row.stream_id, row.message_id) === false);
      unlisted += missed.length;
      if (missed.length > 0) yield toLines(missed.map(asUnlisted));
    }
    yield toLines([{ ...findings.summary, ...(listed && { unlisted }), as_of_position: asOf }]);
  }
}

function asUnlisted({ stream_id: _, hash, ...row }: StoredMessageHash): object {
  return { status: 'unlisted', ...row, stored_hash: hash };
}

function found(
  { sha256 }: ManifestLine,
  stored: StoredHash | undefined,
  digest: Digest,
): Omit<Finding, 'line'> {
  if (!stored) throw new Error('every line that was looked up has an answer');
  const { hash, position } = stored;
  if (hash === null) return { status: 'missing', position: null };
  // The log of an earlier release holds bare hashes of what was sent.
  const isSame = hash === sha256 || hash === digest(sentText(sha256));
  if (isSame) return { status: 'present', position };
  return { status: 'different', position, stored_hash: hash };
}

const BLANK = new Set([0x09, 0x0d, 0x20]);

function isBlank(line: Buffer): boolean {
  return line.every((byte) => BLANK.has(byte));
}

function tooLarge(): HttpProblem {
  const detail = `a manifest has at most ${String(MAX_LINES)} lines and 1 GiB: send it in parts`;
  return problem(413, 'too_large', detail);
}
