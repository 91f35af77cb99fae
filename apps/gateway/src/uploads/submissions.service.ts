import { createHash, randomUUID } from 'node:crypto';
import { type CommandEnvelope, type IngestionCommand, type Receipt } from '@parley/contracts';
import { v5, v7 } from 'uuid';
import { type GatewayConfig } from '../config.js';
import { type ReceiptWaiter, type Waiting } from '../receipts/receipt-waiter.js';
import { type CommandPublisher } from './command-publisher.js';
import { type UploadRequest } from './upload-request.js';

/** A command as decoded, with what the decoder had to say of it. */
export interface Submission {
  readonly command: IngestionCommand;
  readonly warnings: readonly string[];
}

/** Where a command stands: `receipt` is null where it was not decided in time, or nobody wanted to wait. */
export interface Submitted {
  readonly commandId: string;
  readonly requestHash: string | null;
  readonly receipt: Receipt | null;
}

const COMMAND_IDS = '3c1a4f0e-6d5b-4c39-9a52-8f3f0d1b7e26';

/** Publishes commands and waits for what becomes of them. */
export class Submissions {
  constructor(
    private readonly publisher: CommandPublisher,
    private readonly waiter: ReceiptWaiter,
    private readonly config: Pick<GatewayConfig, 'RECEIPT_TIMEOUT_MS'>,
  ) {}

  /** One command. */
  async submit(request: UploadRequest, submission: Submission): Promise<Submitted> {
    const [submitted] = await this.publish(request, [
      envelopeOf(request, submission, requestIdOf(request), hashOf(request)),
    ]);
    if (!submitted) throw new Error('a submission has one answer');
    return submitted;
  }

  /** The commands of a batch, published together; `null` stands for an item that was refused before. */
  async submitBatch(
    request: UploadRequest,
    submissions: readonly (Submission | null)[],
  ): Promise<readonly (Submitted | null)[]> {
    const requestId = requestIdOf(request);
    const hash = hashOf(request);
    const envelopes = submissions.map((submission, index) =>
      submission ? envelopeOf(request, submission, v5(String(index), requestId), hash) : null,
    );
    const submitted = await this.publish(
      request,
      envelopes.filter((envelope) => envelope !== null),
    );
    const answers = submitted.values();
    return envelopes.map((envelope) => (envelope ? (answers.next().value ?? null) : null));
  }

  private async publish(
    request: UploadRequest,
    envelopes: readonly CommandEnvelope[],
  ): Promise<readonly Submitted[]> {
    const waiting = request.isAsync ? null : envelopes.map((envelope) => this.expect(envelope));
    try {
      await this.publisher.publish(envelopes);
    } catch (error) {
      waiting?.forEach((one) => {
        one.cancel();
      });
      throw error;
    }
    if (waiting) this.waiter.poll(request.caller.tenantId);
    const receipts = waiting && (await Promise.all(waiting.map(({ receipt }) => receipt)));
    return envelopes.map(({ command_id, request_hash }, index) => ({
      commandId: command_id,
      requestHash: request_hash ?? null,
      receipt: receipts?.[index] ?? null,
    }));
  }

  private expect({ tenant, command_id, attempt_id }: CommandEnvelope): Waiting {
    return this.waiter.expect(
      { tenant, commandId: command_id, attemptId: attempt_id },
      this.config.RECEIPT_TIMEOUT_MS,
    );
  }
}

function envelopeOf(
  { caller, traceparent }: UploadRequest,
  { command, warnings }: Submission,
  commandId: string,
  requestHash: string | undefined,
): CommandEnvelope {
  return {
    command_id: commandId,
    attempt_id: randomUUID(),
    tenant: caller.tenantId,
    door: 'http',
    command,
    request_hash: requestHash,
    warnings,
    source: { credential_id: caller.credentialId },
    ...(traceparent === null ? {} : { trace: { traceparent } }),
  };
}

function requestIdOf({ idempotencyKey, caller, path }: UploadRequest): string {
  return idempotencyKey === null
    ? v7()
    : v5(JSON.stringify([caller.tenantId, path, idempotencyKey]), COMMAND_IDS);
}

function hashOf({ idempotencyKey, body }: UploadRequest): string | undefined {
  return idempotencyKey === null ? undefined : createHash('sha256').update(body).digest('hex');
}
