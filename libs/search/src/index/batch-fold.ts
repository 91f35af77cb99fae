import { type ConversationEvent, type HeaderFields, type Json } from '@parley/contracts';
import { assertNever } from '@parley/event-sourcing';
import { foldText, MAX_INDEXED } from '../folded-text.js';
import { SIMPLE } from '../language/configurations.js';
import { type DetectConfiguration, isUnsegmented } from '../language/detect-language.js';
import { statedConfiguration } from '../language/stated-language.js';

/** What is remembered of a conversation: the configuration that its header states, and the last one that was clear. */
export interface StreamState {
  readonly stream_id: string;
  readonly conversation_id: string;
  readonly stated: string | null;
  readonly spoken: string | null;
}

/** A text to be indexed; `message_id` is empty for that of the header. */
export interface IndexedText {
  readonly stream_id: string;
  readonly message_id: string;
  readonly position: number;
  readonly configuration: string;
  readonly text: string;
  /** Whether it is to be found by its letters, too: parts of words. */
  readonly byLetters: boolean;
}

/** What tells configurations: by content, and which ones the server has. */
export interface Languages {
  readonly detect: DetectConfiguration;
  readonly available: ReadonlySet<string>;
}

/** A fact of the log, in its place. */
export interface PlacedEvent {
  readonly streamId: string;
  readonly position: number;
  readonly event: ConversationEvent;
}

/**
 * What a part of the log makes of the texts. Every text depends on the log up to its event alone, wherever batches
 * begin: so a rebuild makes the same of it.
 */
export class BatchFold {
  readonly texts = new Map<string, IndexedText>();
  readonly deleted = new Set<string>();
  private readonly changed = new Map<string, StreamState>();

  constructor(
    private readonly before: ReadonlyMap<string, StreamState>,
    private readonly languages: Languages,
  ) {}

  /** The states that are other ones than before. */
  get states(): readonly StreamState[] {
    return [...this.changed.values()];
  }

  apply(placed: PlacedEvent): void {
    const { event } = placed;
    switch (event.type) {
      case 'ConversationOpened':
        return this.setHeader(placed, event.data.header, event.data.conversation_id);
      case 'ConversationRevised':
      case 'ConversationReassigned':
        return this.setHeader(placed, event.data.header);
      case 'MessageRecorded':
      case 'MessageRevised':
        return this.setMessage(placed, event.data.message.message_id, event.data.message.content);
      case 'ConversationDeleted':
        return this.delete(placed.streamId);
      case 'ConversationSuperseded':
      case 'MessageSuperseded':
      case 'RecordConfirmed':
        return;
      default:
        return assertNever(event);
    }
  }

  private setHeader(placed: PlacedEvent, header: HeaderFields, id?: string): void {
    const state = this.stateOf(placed.streamId);
    const conversation_id = id ?? state?.conversation_id;
    // What was opened and is not known was erased.
    if (conversation_id === undefined) return;
    const stated = this.known(statedConfiguration(header));
    if (!state || state.stated !== stated)
      this.remember({
        ...{ stream_id: placed.streamId, conversation_id, stated },
        spoken: state?.spoken ?? null,
      });
    const text = [conversation_id, ...stringsIn(header['user_data'])].join('\n');
    this.setText(placed, '', { text, configuration: SIMPLE });
  }

  private setMessage(placed: PlacedEvent, messageId: string, content: string): void {
    const state = this.stateOf(placed.streamId);
    if (!state) return;
    const clear = state.stated ?? this.known(this.languages.detect(content));
    if (state.stated === null && clear !== null && clear !== state.spoken)
      this.remember({ ...state, spoken: clear });
    const configuration = clear ?? state.spoken ?? SIMPLE;
    this.setText(placed, messageId, { text: content, configuration });
  }

  private setText(
    { streamId, position }: PlacedEvent,
    message_id: string,
    { text, configuration }: Pick<IndexedText, 'text' | 'configuration'>,
  ): void {
    const indexed = foldText(text.slice(0, MAX_INDEXED)).slice(0, MAX_INDEXED);
    this.texts.set(`${streamId}/${message_id}`, {
      ...{ stream_id: streamId, message_id, position, configuration, text: indexed },
      byLetters: configuration === SIMPLE || isUnsegmented(indexed),
    });
  }

  private delete(streamId: string): void {
    this.deleted.add(streamId);
    this.changed.delete(streamId);
    for (const [key, { stream_id }] of this.texts)
      if (stream_id === streamId) this.texts.delete(key);
  }

  private stateOf(streamId: string): StreamState | undefined {
    return this.changed.get(streamId) ?? this.before.get(streamId);
  }

  private remember(state: StreamState): void {
    this.changed.set(state.stream_id, state);
  }

  private known(configuration: string | null): string | null {
    if (configuration === null) return null;
    return this.languages.available.has(configuration) ? configuration : SIMPLE;
  }
}

function stringsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as Readonly<Record<string, Json>>).flatMap(stringsIn);
}
