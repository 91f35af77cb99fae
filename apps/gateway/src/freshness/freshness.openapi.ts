import { DOORS, REASON_CODES } from '@parley/contracts';
import { Describe, schema } from '../openapi/describe.js';

const TIME = { type: 'string', format: 'date-time' };
const COUNT = { type: 'integer', minimum: 0 };

const LAG = {
  type: 'object',
  description: 'Durable, and not applied yet',
  properties: {
    records: COUNT,
    seconds: { type: 'number', description: 'Age of the oldest; 0 where there is none' },
    at_least: { type: 'boolean', description: 'The queue is too long to be counted whole' },
  },
};

const WAITING = {
  type: 'object',
  nullable: true,
  description: 'Messages that wait for their conversation',
  properties: { records: COUNT, oldest_at: { ...TIME, nullable: true } },
};

const DEAD_LETTERS = {
  type: 'object',
  nullable: true,
  properties: {
    records: COUNT,
    by_reason: {
      type: 'object',
      additionalProperties: COUNT,
      description: `How many of each reason, as \`${REASON_CODES[0]}\``,
    },
  },
};

const DOOR = {
  type: 'object',
  properties: {
    door: { type: 'string', enum: DOORS },
    lag: LAG,
    parked: { ...COUNT, description: 'Of the lag: passed over until the database is back' },
    waiting: WAITING,
    dead_letters: DEAD_LETTERS,
  },
};

const LOG = {
  type: 'object',
  nullable: true,
  properties: {
    head: { ...COUNT, description: 'The last position: all up to it is readable' },
    last_recorded_at: { ...TIME, nullable: true },
    unpublished: { ...COUNT, description: 'Events that are not on `ingestion.events.v1` yet' },
  },
};

const PARTNER_TOPIC = {
  type: 'object',
  nullable: true,
  description: 'The topic of the account’s partner, where it has one',
  properties: {
    topic: { type: 'string' },
    partitions: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          partition: COUNT,
          applied: { ...COUNT, nullable: true, description: 'All offsets below are applied' },
          end: { ...COUNT, description: 'The offset that the next record will get' },
        },
      },
    },
  },
};

const FRESHNESS = schema({
  type: 'object',
  properties: {
    measured_at: TIME,
    database: {
      type: 'string',
      enum: ['up', 'away'],
      description: 'away: what only the database knows is null',
    },
    log: LOG,
    parked: {
      type: 'object',
      properties: { partitions: COUNT, since: { ...TIME, nullable: true } },
    },
    doors: { type: 'array', items: DOOR },
    partner_topic: PARTNER_TOPIC,
  },
});

/** GET /api/freshness */
export const DescribeFreshness = (): MethodDecorator =>
  Describe({
    summary: 'Lost or late: what is not applied yet, by door',
    answer: { description: 'As of a second ago at most', schema: FRESHNESS },
  });
