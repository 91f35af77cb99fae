export { type Decider, fold } from './decider.js';
export { assertNever, DomainError } from './domain-error.js';
export type { Command, Event, Recorded } from './event.js';
export { type Outcome, specification } from './specification.js';
export type { Column, ColumnKind, ReadModel, ReadModelVersion, StreamRow } from './projection.js';
