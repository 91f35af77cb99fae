import { type Decider, fold } from './decider.js';
import { DomainError } from './domain-error.js';
import { type Command, type Event } from './event.js';

/** What a specification found: the events decided, or the code of the refusal. */
export type Outcome<E> =
  { readonly events: readonly E[] } | { readonly refused: string; readonly message: string };

/**
 * Given past events, when a command comes, then these events follow (or this refusal).
 *
 * @example specification(decider, context).given([opened]).when(record) // { events: [recorded] }
 */
export function specification<State, C extends Command, E extends Event, Context>(
  decider: Decider<State, C, E, Context>,
  context: Context,
) {
  return {
    given: (events: Iterable<E>) => ({
      when(command: C): Outcome<E> {
        const evolve = (state: State, event: E) => decider.evolve(state, event);
        const state = fold<State, E>(evolve, decider.initial, events);
        try {
          return { events: decider.decide(state, command, context) };
        } catch (error) {
          if (isRefusal(error)) return { refused: error.code, message: error.message };
          throw error;
        }
      },
    }),
  };
}

function isRefusal(error: unknown): error is DomainError {
  return error instanceof DomainError;
}
