import { parseArgs } from 'node:util';
import { type BusName } from './world/world.js';

/** What `npm run prove` was asked for; see docs/proof.md. */
export interface ProofConfig {
  readonly buses: readonly BusName[];
  readonly seeds: readonly number[];
  /** Ids of invariants; null for all. */
  readonly only: readonly string[] | null;
  /** Minutes of each invariant under faults; null for the short run. */
  readonly soakMinutes: number | null;
  /** Whether bugs are planted, too. */
  readonly isPlanting: boolean;
  /** A missing broker is then a failure, not a skip. */
  readonly isKafkaRequired: boolean;
}

const BUSES: Readonly<Record<string, readonly BusName[]>> = {
  embedded: ['embedded'],
  kafka: ['apache-kafka'],
  both: ['embedded', 'apache-kafka'],
};
const SMOKE_SEEDS = [7, 11, 13];
const SOAK_MINUTES = 30;

/** Reads `--bus`, `--seed`, `--only`, `--soak [minutes]`, `--no-bugs` and `REQUIRE_KAFKA`; throws where they make no sense. */
export function readConfig(args: readonly string[]): ProofConfig {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      bus: { type: 'string', default: 'both' },
      seed: { type: 'string' },
      only: { type: 'string' },
      soak: { type: 'boolean', default: false },
      'no-bugs': { type: 'boolean', default: false },
    },
  });
  const buses = BUSES[values.bus];
  if (!buses) throw new Error(`--bus is one of ${Object.keys(BUSES).join(', ')}`);
  const [minutes] = positionals;
  if (positionals.length > (values.soak ? 1 : 0)) throw new Error(`what is ${positionals.at(-1)}?`);
  return {
    buses,
    seeds: values.seed ? numbers(values.seed) : values.soak ? [Date.now() % 1e6] : SMOKE_SEEDS,
    only: values.only?.split(',').map((id) => id.trim()) ?? null,
    soakMinutes: values.soak ? Number(minutes ?? SOAK_MINUTES) : null,
    isPlanting: !values['no-bugs'],
    isKafkaRequired: process.env['REQUIRE_KAFKA'] === '1',
  };
}

function numbers(list: string): number[] {
  const found = list.split(',').map(Number);
  if (!found.every(Number.isInteger)) throw new Error('--seed is a number, or several with commas');
  return found;
}
