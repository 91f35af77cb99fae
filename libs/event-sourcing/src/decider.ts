import { type Command, type Event } from './event.js';

/**
 * The rules of one kind of stream, pure: `decide` says which events a command leads to, `evolve` what they change.
 * `decide` throws `DomainError` where a rule says no, and answers `[]` where there is nothing to do.
 */
export interface Decider<State, C extends Command, E extends Event, Context = undefined> {
  readonly initial: State;
  decide(state: State, command: C, context: Context): readonly E[];
  evolve(state: State, event: E): State;
}

/** The state after `events`, starting from `state`. */
export function fold<State, E>(
  evolve: (state: State, event: E) => State,
  state: State,
  events: Iterable<E>,
): State {
  for (const event of events) state = evolve(state, event);
  return state;
}
