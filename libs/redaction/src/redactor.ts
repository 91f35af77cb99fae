import {
  type CommandRedaction,
  type Decoded,
  headerHash,
  type HeaderFields,
  type IngestionCommand,
  type MessageFields,
  messageHash,
  type RecordConversation,
  type RecordMessage,
} from '@parley/contracts';
import { FieldPaths } from './field-paths.js';
import { type RedactionPolicy } from './policy.js';
import { RecordPass } from './record-pass.js';
import { textRules } from './text-rules.js';
import { type RecordRules } from './walk.js';

/** A command as it may be published, with what is to be said of what was masked in it. */
export interface RedactedCommand<C extends IngestionCommand> {
  readonly command: C;
  readonly redaction?: CommandRedaction;
}

/** Applies a tenant's policy to what came in, before anything of it is published. */
export class Redactor {
  private readonly rules: RecordRules;

  constructor(private readonly policy: RedactionPolicy) {
    const fields = fieldsOf(policy);
    this.rules = { texts: textRules(policy.validators), fields, ids: fields };
  }

  /**
   * The command as it may be published; the very same where nothing was found. `warnings` are what the decoder had to
   * say: names that were masked are masked there too, and what is only flagged comes with them. Refuses, with
   * `redaction_rejected` and places, what the policy keeps out, and ids that would have to be masked. A deletion passes
   * as it is: what has such an id may have come before the policy.
   */
  apply<C extends IngestionCommand>(
    command: C,
    warnings: readonly string[] = [],
  ): Decoded<RedactedCommand<C>> {
    const redacted = this.redact(command, warnings);
    return redacted as Decoded<RedactedCommand<C>>;
  }

  private redact(
    command: IngestionCommand,
    warnings: readonly string[],
  ): Decoded<RedactedCommand<IngestionCommand>> {
    switch (command.type) {
      case 'RecordConversation':
        return this.conversation(command, warnings);
      case 'RecordMessage':
        return this.message(command, warnings);
      case 'DeleteConversation':
        return { ok: true, value: { command }, warnings };
    }
  }

  private conversation(
    command: RecordConversation,
    warnings: readonly string[],
  ): Decoded<RedactedCommand<RecordConversation>> {
    const { data } = command;
    const { conversation_id, agent_id } = data;
    const pass = new RecordPass(this.rulesFor(data.header));
    pass.identity({ conversation_id, agent_id });
    const header = pass.header(data.header);
    const messages = pass.messages(data.messages);
    return outcome(pass, warnings, command, () => ({
      command: { ...command, data: { ...data, header, messages } },
      redaction: {
        masked: pass.masked,
        ...(header !== data.header && {
          header_hash: headerHash(agent_id, conversation_id, data.header),
        }),
        ...sentHashes(data.messages, messages),
      },
    }));
  }

  private message(
    command: RecordMessage,
    warnings: readonly string[],
  ): Decoded<RedactedCommand<RecordMessage>> {
    const { data } = command;
    const pass = new RecordPass(this.rules);
    pass.identity({ conversation_id: data.conversation_id, agent_id: data.agent_id });
    const message = pass.message(data.message);
    return outcome(pass, warnings, command, () => ({
      command: { ...command, data: { ...data, message } },
      redaction: { masked: pass.masked, ...sentHashes([data.message], [message]) },
    }));
  }

  private rulesFor(header: HeaderFields): RecordRules {
    const named = this.policy.missing_info_fields ? missingFields(header) : [];
    if (named.length === 0) return this.rules;
    const fields = fieldsOf(this.policy);
    for (const path of named) fields.add(path, { name: 'missing_info', action: 'mask' });
    return { ...this.rules, fields };
  }
}

function outcome<C extends IngestionCommand>(
  pass: RecordPass,
  warnings: readonly string[],
  command: C,
  changed: () => RedactedCommand<C>,
): Decoded<RedactedCommand<C>> {
  const { problems, masked } = pass;
  if (problems.length > 0) return { ok: false, problems };
  const value = masked.length === 0 ? { command } : changed();
  return { ok: true, value, warnings: pass.warnings(warnings) };
}

function fieldsOf({ fields }: RedactionPolicy): FieldPaths {
  const paths = new FieldPaths();
  for (const { path, action } of fields) paths.add(path, { name: 'field', action });
  return paths;
}

/** The decoder has seen to it that these are texts. */
function missingFields(header: HeaderFields): readonly string[] {
  const said = header['missing_info'] as { readonly fields?: readonly string[] | null } | undefined;
  return (said?.fields ?? []).filter((path) => path !== '');
}

/** The content hashes of what was sent, where it was changed. */
function sentHashes(
  sent: readonly MessageFields[],
  redacted: readonly MessageFields[],
): Pick<CommandRedaction, 'message_hashes'> {
  const hashes = sent.map((message, index) =>
    message === redacted[index] ? null : messageHash(message),
  );
  return hashes.some((hash) => hash !== null) ? { message_hashes: hashes } : {};
}
