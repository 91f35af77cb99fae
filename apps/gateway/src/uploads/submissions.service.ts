import { randomUUIDv7 } from 'node:crypto';
import {
  type CommandEnvelope,
  type CommandRedaction,
  type IngestionCommand,
  type Receipt,
} from '@parley/contracts';
import { type GatewayConfig } from '../config.js';
import { type Expected } from '../receipts/receipt-board.js';
import { type ReceiptWaiter } from '../receipts/receipt-waiter.js';
import { commandIdAt, keyedRequestId, requestHash } from './command-ids.js';
import { type CommandPublisher } from './command-publisher.js';
import { type FindRequestHashes, KeyedRequests } from './keyed-requests.js';
import { type UploadRequest } from './upload-request.js';

/** A command as it may be published, with what there is to say of it, and of what was masked in it. */
export interface Submission {
  readonly command: IngestionCommand;
  readonly redaction?: CommandRedaction;
  readonly warnings: readonly string[];
}

/** Where a command stands: `receipt` is null where it was not decided in time, or nobody wanted to wait. */
export interface Submitted {
  readonly commandId: string;
  readonly attemptId: string;
  readonly requestHash: string | null;
  readonly receipt: Receipt | null;
}

type Batch = readonly (Submission | null)[];
type Outcome = readonly (Submitted | null)[];

/** What it stands on. */
export interface SubmissionParts {
  readonly publisher: CommandPublisher;
  readonly waiter: ReceiptWaiter;
  readonly findHashes: FindRequestHashes;
  readonly config: Pick<GatewayConfig, 'RECEIPT_TIMEOUT_MS'>;
}

/** Publishes commands and waits for what becomes of them. */
export class Submissions {
  private readonly keyed: KeyedRequests<Outcome>;

  constructor(private readonly parts: SubmissionParts) {
    this.keyed = new KeyedRequests(parts.findHashes);
  }

  /** One command. */
  async submit(request: UploadRequest, submission: Submission): Promise<Submitted> {
    const [submitted] = await this.submitBatch(request, [submission]);
    if (!submitted) throw new Error('a submission has one answer');
    return submitted;
  }

  /** The commands of a batch, published together; `null` stands for an item that was refused before. */
  async submitBatch(request: UploadRequest, submissions: Batch): Promise<Outcome> {
    const { idempotencyKey, isAsync, caller } = request;
    if (idempotencyKey === null) return this.publish(request, submissions, { id: randomUUIDv7() });
    const id = keyedRequestId(request, idempotencyKey);
    const hash = requestHash(request);
    return this.keyed.once({ tenant: caller.tenantId, id, hash, isAsync }, () =>
      this.publish(request, submissions, { id, hash }),
    );
  }

  private async publish(
    request: UploadRequest,
    submissions: Batch,
    { id, hash }: { readonly id: string; readonly hash?: string },
  ): Promise<Outcome> {
    const attempt = randomUUIDv7();
    const envelopes = submissions.map((submission, place) =>
      submission
        ? envelopeOf(request, submission, {
            id: commandIdAt(id, place),
            attempt: commandIdAt(attempt, place),
            hash,
          })
        : null,
    );
    const published = envelopes.filter((envelope) => envelope !== null);
    const receipts = await this.receiptsOf(request, published);
    const answers = receipts.values();
    return envelopes.map(
      (envelope) =>
        envelope && {
          commandId: envelope.command_id,
          attemptId: envelope.attempt_id,
          requestHash: hash ?? null,
          receipt: answers.next().value ?? null,
        },
    );
  }

  private async receiptsOf(
    { isAsync, caller }: UploadRequest,
    envelopes: readonly CommandEnvelope[],
  ): Promise<readonly (Receipt | null)[]> {
    const { publisher, waiter, config } = this.parts;
    const waiting = isAsync ? [] : envelopes.map((envelope) => waiter.expect(expected(envelope)));
    try {
      await publisher.publish(envelopes);
    } catch (error) {
      waiting.forEach((one) => {
        one.cancel();
      });
      throw error;
    }
    if (waiting.length > 0) waiter.poll(caller.tenantId);
    return Promise.all(waiting.map((one) => one.within(config.RECEIPT_TIMEOUT_MS)));
  }
}

function expected({ tenant, command_id, attempt_id }: CommandEnvelope): Expected {
  return { tenant, commandId: command_id, attemptId: attempt_id };
}

function envelopeOf(
  { caller, traceparent }: UploadRequest,
  { command, warnings, redaction }: Submission,
  ids: { readonly id: string; readonly attempt: string; readonly hash: string | undefined },
): CommandEnvelope {
  return {
    command_id: ids.id,
    attempt_id: ids.attempt,
    tenant: caller.tenantId,
    door: 'http',
    command,
    request_hash: ids.hash,
    warnings,
    source: { credential_id: caller.credentialId },
    ...(redaction && { redaction }),
    ...(traceparent === null ? {} : { trace: { traceparent } }),
  };
}
