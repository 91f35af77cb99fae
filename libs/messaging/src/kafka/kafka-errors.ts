import { BusAccessDeniedError, BusUnavailableError } from '../bus.js';

const WRONG_PASSWORD = /^KafkaJSSASL/;
const NOT_ALLOWED = /_AUTHORIZATION_FAILED$/;

/** Why Kafka does not do what we want, in words for its operator: kafkajs's own name hosts and causes, never a secret. */
export function explained(error: unknown, what: string): Error {
  const causes = [...causesOf(error)];
  const last = causes.at(-1)?.message ?? 'no reason given';
  if (causes.some(({ name }) => WRONG_PASSWORD.test(name)))
    return new BusAccessDeniedError('Kafka refuses our user name or password', { cause: error });
  if (isForbidden(error))
    return new BusAccessDeniedError(`our user may not do this: ${last}`, { cause: error });
  return new BusUnavailableError(`${what}: ${last}`, { cause: error });
}

/** Whether the brokers' rules of access are what stands against it. */
export function isForbidden(error: unknown): boolean {
  return [...causesOf(error)].some(({ type }) => NOT_ALLOWED.test(type ?? ''));
}

/** Whether a topic is not there, or not yet. */
export function isMissingTopic(error: unknown): boolean {
  return [...causesOf(error)].some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION');
}

function* causesOf(error: unknown): Generator<Error & { readonly type?: string }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}
