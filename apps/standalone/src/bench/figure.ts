/** What a benchmark found: a figure beside the limit measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly bus: 'embedded' | 'kafka';
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly ratio: number;
  readonly bound_by: string;
}

/** The middle of some figures; of an even number the lower one. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** A figure from the passes of a run, the first of which is thrown away: a new cluster is slow. */
export function figureOf(
  about: Pick<Figure, 'name' | 'bus' | 'unit' | 'bound_by'>,
  passes: readonly { readonly value: number; readonly limit: number }[],
): Figure {
  const counted = passes.length > 1 ? passes.slice(1) : passes;
  const value = Math.round(median(counted.map((pass) => pass.value)));
  const limit = Math.round(median(counted.map((pass) => pass.limit)));
  const { name, bus, unit, bound_by } = about;
  return {
    name,
    bus,
    value,
    unit,
    limit,
    ratio: Math.round((value / limit) * 100) / 100,
    bound_by,
  };
}
