import { type Readable } from 'node:stream';
import { type FastifyReply } from 'fastify';
import { singleValues } from '../conversations/list-request.js';
import { invalid } from '../errors/http-problem.js';
import { bePatientWith } from '../http/patience.js';
import { LINES_TYPE } from './manifest-body.js';

/** A manifest as it comes, and whether what it does not name is asked for. */
export interface SentManifest {
  readonly body: unknown;
  readonly unlisted: boolean;
}

/** Reads the query; refuses what it does not know. */
export function unlistedOf(query: unknown): boolean {
  const { values, refused } = singleValues(query, new Set(['unlisted']));
  const value = values.get('unlisted') ?? 'false';
  if (refused.length > 0) throw invalid(...refused);
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid({ loc: ['query', 'unlisted'], msg: 'true or false', type: 'wrong_type' });
}

/** Sends lines; until they are sent the request may take as long as it needs. */
export async function sendLines(reply: FastifyReply, lines: Promise<Readable>): Promise<void> {
  reply.raw.once('close', bePatientWith(reply.request.raw.socket));
  reply.header('Content-Type', LINES_TYPE).send(await lines);
}
