import {
  type Decoded,
  type IngestionCommand,
  type Json,
  type JsonObject,
  type Receipt,
} from '@parley/contracts';
import { type RedactionPolicies, type Redactor } from '@parley/redaction';
import { details, HttpProblem } from '../errors/http-problem.js';
import { type KeyLimits } from '../limits/key-limits.js';
import { type ReadAfterTokens, type TokenScope } from '../reading/read-after-tokens.js';
import { accepted, acceptedReceipt, type Answer, singleHeaders, wholeSeconds } from './answer.js';
import { type Submission, type Submissions } from './submissions.service.js';
import { parseUpload, unparsed } from './upload-body.js';
import { type UploadKind } from './upload-kind.js';
import { type UploadRequest } from './upload-request.js';

/** A record of an upload: as it was sent, for the echo, and as it may be published. */
interface Item<C> {
  readonly sent: C;
  readonly submission: Submission;
}

/** Takes uploads of any kind, one object or an array of them, and answers from their receipts. */
export class Uploads {
  constructor(
    private readonly submissions: Submissions,
    private readonly limits: KeyLimits,
    private readonly tokens: ReadAfterTokens,
    private readonly policies: RedactionPolicies,
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
    const { redactor, scope } = await this.beforePublishing(request.caller.tenantId);
    const decoded = readItem(kind, item, { redactor, now: Date.now() });
    if (!decoded.ok) throw unparsed(decoded.problems);
    const { sent, submission } = decoded.value;
    const submitted = await this.submissions.submit(request, submission);
    const headers = singleHeaders(this.tokens, scope, submitted);
    if (request.isAsync) return accepted(submitted, headers);
    const receipt = acceptedReceipt(submitted, ['body'], headers);
    return { status: 200, headers, body: success(kind.echo(sent), receipt) };
  }

  private async takeBatch<C extends IngestionCommand>(
    request: UploadRequest,
    kind: UploadKind<C>,
    items: readonly Decoded<Json>[],
  ): Promise<Answer> {
    await this.limits.takeItems(request.caller, items.length);
    const { redactor, scope } = await this.beforePublishing(request.caller.tenantId);
    const now = Date.now();
    const decoded = items.map((item) => readItem(kind, item, { redactor, now }));
    const submitted = await this.submissions.submitBatch(
      request,
      decoded.map((one) => (one.ok ? one.value.submission : null)),
    );
    const body = decoded.map((one, index) =>
      itemResult(submitted[index]?.commandId, () => {
        const found = submitted[index];
        if (!one.ok) throw new HttpProblem(422, { detail: details(one.problems, ['body', index]) });
        if (!found) throw new Error('a submitted item has an answer');
        if (request.isAsync) return { status: 'accepted', status_code: 202 };
        const receipt = acceptedReceipt(found, ['body', index]);
        return { ...success(kind.echo(one.value.sent), receipt), status_code: 200 };
      }),
    );
    const headers = { ...preference(request), ...this.tokens.headersOf(scope, submitted) };
    return { status: request.isAsync ? 202 : 200, headers, body };
  }

  private async beforePublishing(
    tenant: string,
  ): Promise<{ readonly redactor: Redactor; readonly scope: TokenScope }> {
    const known = [this.policies.redactorOf(tenant), this.tokens.scopeOf(tenant)] as const;
    const [redactor, scope] = await Promise.all(known);
    return { redactor, scope };
  }
}

/** Decodes and redacts a record: nothing of it may be published before. */
function readItem<C extends IngestionCommand>(
  kind: UploadKind<C>,
  item: Decoded<Json>,
  { redactor, now }: { readonly redactor: Redactor; readonly now: number },
): Decoded<Item<C>> {
  if (!item.ok) return item;
  const decoded = kind.decode(item.value, now);
  if (!decoded.ok) return decoded;
  const redacted = redactor.apply(decoded.value, [...item.warnings, ...decoded.warnings]);
  if (!redacted.ok) return redacted;
  const { value, warnings } = redacted;
  return { ok: true, value: { sent: decoded.value, submission: { ...value, warnings } }, warnings };
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

function preference({ isAsync }: UploadRequest): Readonly<Record<string, string>> {
  return isAsync ? { 'Preference-Applied': 'respond-async' } : {};
}
