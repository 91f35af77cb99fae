import {
  checkId,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  type Problem,
} from '@parley/contracts';
import { type ErrorCode } from '../errors/http-problem.js';

/** A line of a manifest, at most: three ids of 200 code points, escaped in the longest way, and a hash. */
export const MAX_LINE_BYTES = 16 * 1024;

/** What a sender says it has sent; without `message_id` it is the header of a conversation. */
export interface ManifestLine {
  readonly agent_id: string;
  readonly conversation_id: string;
  readonly message_id: string | null;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What is wrong with a line. */
export interface LineProblem {
  readonly code: ErrorCode;
  readonly place: Problem['place'];
  readonly detail: string;
}

const NAMES: Readonly<Record<string, string>> = {
  agent_id: 'agent_id',
  agent: 'agent_id',
  agentId: 'agent_id',
  conversation_id: 'conversation_id',
  conversationId: 'conversation_id',
  message_id: 'message_id',
  sha256: 'sha256',
};
/** A million problems are kept: where each begins is enough. */
const PLACE_DEPTH = 3;
const SHA_256 = /^[0-9a-f]{64}$/i;

/** Reads a line, or says what is wrong with it; null stands for one that is too long. */
export function decodeLine(bytes: Buffer | null): ManifestLine | LineProblem {
  if (!bytes) return wrong('too_large', [], `has more than ${String(MAX_LINE_BYTES)} bytes`);
  const parsed = parseJson(bytes);
  if (!parsed.ok) {
    const [problem] = parsed.problems;
    return problem ? told(problem) : wrong('malformed_json', [], 'is not JSON');
  }
  return isObject(parsed.value) ? lineOf(parsed.value) : wrong('wrong_type', [], 'is no object');
}

/** Whether a line could be read. */
export function isLine(decoded: ManifestLine | LineProblem): decoded is ManifestLine {
  return 'sha256' in decoded;
}

interface Fields {
  readonly agent_id?: Json;
  readonly conversation_id?: Json;
  readonly message_id?: Json;
  readonly sha256?: Json;
}

function lineOf(sent: JsonObject): ManifestLine | LineProblem {
  const refused = nameProblem(Object.keys(sent));
  if (refused) return refused;
  const named = Object.entries(sent).filter(([, value]) => value !== null);
  const fields = Object.fromEntries(named.map(([key, value]) => [NAMES[key], value])) as Fields;
  const { agent_id, conversation_id, message_id, sha256 } = fields;
  const problem =
    idProblem('agent_id', agent_id) ??
    idProblem('conversation_id', conversation_id) ??
    (message_id === undefined ? null : idProblem('message_id', message_id)) ??
    hashProblem(sha256);
  if (problem) return problem;
  const line = { message_id: null, ...fields } as ManifestLine;
  return { ...line, sha256: line.sha256.toLowerCase() };
}

function nameProblem(keys: readonly string[]): LineProblem | null {
  // A misspelt message_id would make a header of a message.
  const unknown = keys.find((key) => !Object.hasOwn(NAMES, key));
  if (unknown !== undefined)
    return wrong('unknown_parameter', [unknown.slice(0, 100)], 'is no field of a manifest');
  const twice = keys.find((key, index) =>
    keys.slice(0, index).some((other) => NAMES[other] === NAMES[key]),
  );
  return twice === undefined
    ? null
    : wrong('duplicate_key', [twice], 'came under another name, too');
}

function idProblem(name: string, id: Json | undefined): LineProblem | null {
  if (id === undefined) return wrong('missing_field', [name], 'is missing');
  if (typeof id !== 'string') return wrong('wrong_type', [name], 'is not a string');
  const problem = checkId(id, [name]);
  return problem && told(problem);
}

function hashProblem(hash: Json | undefined): LineProblem | null {
  if (hash === undefined) return wrong('missing_field', ['sha256'], 'is missing');
  return typeof hash === 'string' && SHA_256.test(hash)
    ? null
    : wrong('wrong_type', ['sha256'], 'is not 64 hexadecimal digits');
}

function told({ reason, place, message }: Problem): LineProblem {
  return wrong(reason, place.slice(0, PLACE_DEPTH), message);
}

function wrong(code: ErrorCode, place: Problem['place'], detail: string): LineProblem {
  return { code, place, detail };
}
