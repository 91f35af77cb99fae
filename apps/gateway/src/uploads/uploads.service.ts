import {
  type Decoded,
  type IngestionCommand,
  type Json,
  type JsonObject,
  type Receipt,
} from '@parley/contracts';
import { details, HttpProblem } from '../errors/http-problem.js';
import { type KeyLimits } from '../limits/key-limits.js';
import { type ReadAfterTokens } from '../reading/read-after-tokens.js';
import {
  acceptedReceipt,
  type Answer,
  receiptPath,
  singleHeaders,
  wholeSeconds,
} from './answer.js';
import { type Submissions, type Submitted } from './submissions.service.js';
import { parseUpload, unparsed } from './upload-body.js';
import { type UploadKind } from './upload-kind.js';
import { type UploadRequest } from './upload-request.js';

/** Takes uploads of any kind, one object or an array of them, and answers from their receipts. */
export class Uploads {
  constructor(
    private readonly submissions: Submissions,
    private readonly limits: KeyLimits,
    private readonly tokens: ReadAfterTokens,
  ) {}

  async take<C extends IngestionCommand>(
    request: UploadRequest,
    kind: UploadKind<C>,
  ): Promise<Answer> {
    const body = parseUpload(request.body);
    return 'ok' in body ? this.takeOne(request, kind, body) : this.takeBatch(request, kind, body);
  }

  private async takeOne<C extends IngestionCommand>(
    request: UploadRequest,
    kind: UploadKind<C>,
    item: Decoded<Json>,
  ): Promise<Answer> {
    const decoded = decode(kind, item, Date.now());
    if (!decoded.ok) throw unparsed(decoded.problems);
    const command = decoded.value;
    const submitted = await this.submissions.submit(request, {
      command,
      warnings: decoded.warnings,
    });
    const headers = singleHeaders(this.tokens, request, submitted);
    if (request.isAsync) return accepted(submitted, headers);
    const receipt = acceptedReceipt(submitted, ['body'], headers);
    return { status: 200, headers, body: success(kind.echo(command), receipt) };
  }

  private async takeBatch<C extends IngestionCommand>(
    request: UploadRequest,
    kind: UploadKind<C>,
    items: readonly Decoded<Json>[],
  ): Promise<Answer> {
    await this.limits.takeItems(request.caller, items.length);
    const now = Date.now();
    const decoded = items.map((item) => decode(kind, item, now));
    const submitted = await this.submissions.submitBatch(
      request,
      decoded.map((one) => (one.ok ? { command: one.value, warnings: one.warnings } : null)),
    );
    const body = decoded.map((one, index) =>
      itemResult(submitted[index]?.commandId, () => {
        const found = submitted[index];
        if (!one.ok) throw new HttpProblem(422, { detail: details(one.problems, ['body', index]) });
        if (!found) throw new Error('a submitted item has an answer');
        if (request.isAsync) return { status: 'accepted', status_code: 202 };
        const receipt = acceptedReceipt(found, ['body', index]);
        return { ...success(kind.echo(one.value), receipt), status_code: 200 };
      }),
    );
    const headers = { ...preference(request), ...this.tokens.headersOf(request, submitted) };
    return { status: request.isAsync ? 202 : 200, headers, body };
  }
}

function decode<C extends IngestionCommand>(
  kind: UploadKind<C>,
  item: Decoded<Json>,
  now: number,
): Decoded<C> {
  if (!item.ok) return item;
  const decoded = kind.decode(item.value, now);
  return decoded.ok && item.warnings.length > 0
    ? { ...decoded, warnings: [...item.warnings, ...decoded.warnings] }
    : decoded;
}

/** A new name can't be mistaken for a sent one: what was sent under these two is in the log, not in the echo. */
function success(echo: JsonObject, { created_at, decided_at }: Receipt): JsonObject {
  return { ...echo, created_at: wholeSeconds(created_at ?? decided_at), status: 'success' };
}

function itemResult(commandId: string | undefined, result: () => JsonObject): JsonObject {
  const receipt = commandId === undefined ? {} : { receipt_id: commandId };
  try {
    return { ...result(), ...receipt };
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    const { status, body } = error;
    return { ...(body as unknown as JsonObject), status: 'error', status_code: status, ...receipt };
  }
}

function accepted({ commandId }: Submitted, headers: Readonly<Record<string, string>>): Answer {
  return {
    status: 202,
    headers: {
      ...headers,
      'Preference-Applied': 'respond-async',
      Location: receiptPath(commandId),
    },
    body: { status: 'accepted', receipt_id: commandId },
  };
}

function preference({ isAsync }: UploadRequest): Readonly<Record<string, string>> {
  return isAsync ? { 'Preference-Applied': 'respond-async' } : {};
}
