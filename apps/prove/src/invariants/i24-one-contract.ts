import { allZero, atLeast, type Invariant } from '../invariant.js';
import { type SpecCase, SpecRun } from '../world/spec-run.js';

const SPECS = ['embedded', 'kafka'].map((bus) => `libs/messaging/test/${bus}.int.spec.ts`);
const CONTRACT = 'the contract of a bus';

/** Whatever is promised of a bus holds on both: the same cases, by name, pass on each. */
export const i24: Invariant = {
  id: 'I24',
  promise: 'the embedded bus and Kafka keep the same contract',
  bus: 'apache-kafka',
  prove: async (stage) => {
    const specs = new SpecRun(SPECS, stage.world.home);
    stage.closeLater(() => Promise.resolve(specs.end()));
    const figures = compare(await specs.cases());
    const zero = allZero(figures, 'differences', 'skipped');
    return { figures, broken: [...zero, ...atLeast(figures, { cases: 30, transports: 2 })] };
  },
};

/** A case differs where it does not pass on every transport. */
function compare(all: readonly SpecCase[]) {
  const contract = all.filter(({ path }) => path.includes(CONTRACT));
  const transports = new Set(contract.map(({ file }) => file)).size;
  const nameOf = ({ path }: SpecCase) => path.slice(path.indexOf(CONTRACT)).join(' ');
  const cases = Map.groupBy(contract, nameOf);
  const isSame = (runs: readonly SpecCase[]) =>
    runs.length === SPECS.length && runs.every(({ hasPassed }) => hasPassed);
  return {
    cases: cases.size,
    transports,
    differences: [...cases.values()].filter((runs) => !isSame(runs)).length,
    skipped: contract.filter(({ isSkipped }) => isSkipped).length,
  };
}
