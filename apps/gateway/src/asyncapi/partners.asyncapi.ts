import {
  asJsonSchema,
  conversationRecordSchema,
  type JsonObject,
  partnerMessageSchema,
  partnerTopic,
  TOPIC_PARTITIONS,
} from '@parley/contracts';

const DESCRIPTION = `Conversations and their messages, produced to Kafka by the systems that hold them.

A topic belongs to one tenant and is written by one principal; whose it is says whose its records are. A record is one
conversation with or without its messages, or one message, told apart by what it holds: plain JSON, or the value of a
CloudEvent in binary mode. Any codec of Kafka, any key; equal keys keep their order.

Sending again is harmless: the same content changes nothing. A message may come before its conversation and waits for it
for 24 hours. What can't be taken becomes a dead letter with its reason; everything else goes on.`;

/** JSON Schemas of what partners produce, by name. */
export const PARTNER_SCHEMAS: Readonly<Record<'ConversationRecord' | 'MessageRecord', JsonObject>> =
  {
    ConversationRecord: {
      title: 'A conversation with or without its messages',
      ...asJsonSchema(conversationRecordSchema),
    },
    MessageRecord: { title: 'One message', ...asJsonSchema(partnerMessageSchema) },
  };

const HEADERS = {
  type: 'object',
  properties: {
    ce_tenant: {
      type: 'string',
      description:
        'The tenant by id or name, where it is named; another than the topic’s is refused',
    },
  },
};

/** The description of partners' topics, AsyncAPI 3.0, made from the rules that the door itself goes by. */
export function describePartners(): JsonObject {
  const names = Object.keys(PARTNER_SCHEMAS);
  const each = (make: (name: string, schema: JsonObject) => JsonObject) =>
    Object.fromEntries(
      Object.entries(PARTNER_SCHEMAS).map(([name, schema]) => [name, make(name, schema)]),
    );
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley: records of partners', version: '1.0.0', description: DESCRIPTION },
    defaultContentType: 'application/json',
    channels: {
      conversations: {
        address: partnerTopic('{tenant}'),
        parameters: { tenant: { description: 'The id of the tenant, t_ and 20 hex digits' } },
        messages: each((name) => ({ $ref: `#/components/messages/${name}` })),
        bindings: { kafka: { partitions: TOPIC_PARTITIONS, bindingVersion: '0.5.0' } },
      },
    },
    operations: {
      receiveRecord: {
        action: 'receive',
        summary: 'Parley takes in whatever the partner produces',
        channel: { $ref: '#/channels/conversations' },
        messages: names.map((name) => ({ $ref: `#/channels/conversations/messages/${name}` })),
      },
    },
    components: { messages: each(messageOf), schemas: PARTNER_SCHEMAS },
  };
}

function messageOf(name: string, { title, examples }: JsonObject): JsonObject {
  return {
    name,
    title,
    contentType: 'application/json',
    headers: HEADERS,
    payload: { $ref: `#/components/schemas/${name}` },
    examples: (examples as readonly JsonObject[]).map((payload) => ({ payload })),
    bindings: { kafka: { key: { type: ['string', 'null'] }, bindingVersion: '0.5.0' } },
  };
}
