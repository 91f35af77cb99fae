import { type Stage } from './stage.js';
import { type BusName } from './world/world.js';

/** What was counted, in the order in which the line says it. */
export type Figures = Readonly<Record<string, number | string>>;

/** What came of a proof: the names of the figures that break the promise, none where it holds. */
export interface Outcome {
  readonly figures: Figures;
  readonly broken: readonly string[];
}

/** A promise of the product and how it is put to the test. */
export interface Invariant {
  readonly id: string;
  /** What holds, in one sentence. */
  readonly promise: string;
  /** The one bus that it is about; both unless given. */
  readonly bus?: BusName;
  prove(stage: Stage): Promise<Outcome>;
}

/** A mistake put into the services on purpose, and the invariant that must notice it. */
export interface PlantedBug {
  readonly name: string;
  readonly by: Invariant;
  /** The figures of which at least one must then be broken. */
  readonly shows: readonly string[];
  /** The one bus that it is planted on; the first of the run unless given. */
  readonly bus?: BusName;
  /** Modules that the services load first. */
  readonly preloads?: readonly string[];
  /** Settings of the PostgreSQL server, changed once the services have started. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Breaks where one of these figures is not 0. */
export function allZero(figures: Figures, ...names: readonly string[]): readonly string[] {
  return names.filter((name) => figures[name] !== 0);
}

/** Breaks where a figure is below what makes the proof worth its name. */
export function atLeast(figures: Figures, least: Readonly<Record<string, number>>): string[] {
  return Object.keys(least).filter((name) => Number(figures[name]) < least[name]!);
}
