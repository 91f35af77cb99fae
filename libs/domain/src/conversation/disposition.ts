import { type ConversationEvent, type Disposition, type IngestionCommand } from '@parley/contracts';

const OF_EVENT: Record<ConversationEvent['type'], Disposition> = {
  ConversationOpened: 'created',
  MessageRecorded: 'updated',
  ConversationRevised: 'updated',
  ConversationReassigned: 'updated',
  MessageRevised: 'updated',
  ConversationDeleted: 'updated',
  ConversationSuperseded: 'superseded',
  MessageSuperseded: 'superseded',
  RecordConfirmed: 'identical',
};

const STRONGEST_FIRST: readonly Disposition[] = ['created', 'updated', 'superseded'];

/** What became of a command, told from the events it led to; a new message of a message command is `created`. */
export function dispositionOf(
  command: IngestionCommand['type'],
  events: readonly ConversationEvent[],
): Disposition {
  if (command === 'RecordMessage' && events[0]?.type === 'MessageRecorded') return 'created';
  const found = new Set(events.map((event) => OF_EVENT[event.type]));
  return STRONGEST_FIRST.find((disposition) => found.has(disposition)) ?? 'identical';
}
