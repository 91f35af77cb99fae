import { type ProofConfig } from './config.js';
import { type Invariant, type Outcome, type PlantedBug } from './invariant.js';
import { invariants } from './invariants/index.js';
import { plantedBugs } from './planted/index.js';
import { Stage } from './stage.js';
import { type BusName, World } from './world/world.js';

interface Tally {
  passed: number;
  failed: number;
  caught: number;
  planted: number;
}

/**
 * Proves what was asked for, on all buses side by side, then that the proofs notice planted bugs; answers whether all of
 * it held.
 */
export async function runProof(config: ProofConfig): Promise<boolean> {
  const tally: Tally = { passed: 0, failed: 0, caught: 0, planted: 0 };
  const chosen = choose(config.only);
  const worlds = new Set<World>();
  const stop = () => void closeAll(worlds).finally(() => process.exit(1));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const outcomes = await Promise.allSettled(
    config.buses.map((bus) => onBus(bus, chosen, { config, tally, worlds })),
  );
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken) throw broken.reason;
  if (config.isPlanting) say(`planted bugs caught ${tally.caught}/${tally.planted}`);
  say(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 && tally.caught === tally.planted;
}

function choose(only: readonly string[] | null): readonly Invariant[] {
  const unknown = only?.filter((id) => !invariants.some((one) => one.id === id)) ?? [];
  if (unknown.length > 0) {
    const known = invariants.map(({ id }) => id).join(', ');
    throw new Error(`no invariant ${unknown.join(', ')}; there are ${known}`);
  }
  return invariants.filter(({ id }) => only?.includes(id) ?? true);
}

async function closeAll(worlds: ReadonlySet<World>): Promise<void> {
  await Promise.allSettled(Array.from(worlds, (world) => world.close()));
}

interface Run {
  readonly config: ProofConfig;
  readonly tally: Tally;
  /** Those that are open. */
  readonly worlds: Set<World>;
}

async function onBus(bus: BusName, chosen: readonly Invariant[], run: Run): Promise<void> {
  const here = chosen.filter((one) => (one.bus ?? bus) === bus);
  const world = await World.open(bus);
  if (!world) {
    if (run.config.isKafkaRequired) run.tally.failed += here.length;
    return say(`SKIPPED ${here.length} (no Kafka broker)`);
  }
  run.worlds.add(world);
  try {
    for (const invariant of here) await prove(world, invariant, run);
    for (const bug of run.config.isPlanting ? plantedBugs : []) {
      const isHere = (bug.bus ?? run.config.buses[0]) === bus;
      if (isHere && chosen.includes(bug.by)) await plant(world, bug, run);
    }
  } finally {
    run.worlds.delete(world);
    if (run.tally.failed > 0) process.stderr.write(`logs are in ${await world.keepLogs()}\n`);
    await world.close();
  }
}

async function prove(world: World, invariant: Invariant, { config, tally }: Run): Promise<void> {
  const start = performance.now();
  const about = `broker=${world.bus} seed=${config.seeds.join(',')}`;
  const wall = () => `wall=${Math.round((performance.now() - start) / 1000)}s`;
  try {
    const { figures, broken } = await onStage(world, { ...config, planted: null }, invariant);
    const isKept = broken.length === 0;
    tally[isKept ? 'passed' : 'failed'] += 1;
    const end = isKept ? '' : ` BROKEN: ${broken.join(', ')}`;
    say(`${invariant.id} ${isKept ? 'PASS' : 'FAIL'} ${about} ${wall()} ${told(figures)}${end}`);
  } catch (error) {
    tally.failed += 1;
    say(`${invariant.id} FAIL ${about} ${wall()} could not be proved: ${(error as Error).message}`);
  }
}

async function plant(world: World, bug: PlantedBug, { config, tally }: Run): Promise<void> {
  tally.planted += 1;
  try {
    // That it shows is enough.
    const seeds = config.seeds.slice(0, 1);
    const outcome = await onStage(world, { seeds, soakMinutes: null, planted: bug }, bug.by);
    const seen = outcome.broken.filter((name) => bug.shows.includes(name));
    if (seen.length > 0) tally.caught += 1;
    const what = seen.length > 0 ? 'CAUGHT' : 'MISSED';
    const figures = Object.fromEntries(bug.shows.map((name) => [name, outcome.figures[name] ?? 0]));
    say(`planted ${what} by ${bug.by.id} broker=${world.bus} "${bug.name}" ${told(figures)}`);
  } catch (error) {
    say(`planted MISSED by ${bug.by.id} "${bug.name}": ${(error as Error).message}`);
  }
}

async function onStage(
  world: World,
  options: ConstructorParameters<typeof Stage>[1],
  invariant: Invariant,
): Promise<Outcome> {
  const stage = new Stage(world, options);
  try {
    return await invariant.prove(stage);
  } finally {
    await stage.close();
  }
}

function told(figures: Outcome['figures']): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
