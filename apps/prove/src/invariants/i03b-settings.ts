import { allZero, type Invariant } from '../invariant.js';
import { type Stage } from '../stage.js';
import { type Services } from '../world/services.js';

const SETTINGS = ['fsync', 'full_page_writes', 'synchronous_commit'];

/** Services refuse to work over a database that would forget. */
export const i03b: Invariant = {
  id: 'I03b',
  promise: 'a service refuses to start where what it says yes to would not outlive a loss of power',
  prove: async (stage) => {
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    let refused = 0;
    for (const name of SETTINGS) refused += await countRefusals(stage, services, name);
    const asked = SETTINGS.length * services.all.length;
    await Promise.all(services.all.map((service) => service.start()));
    const figures = { settings: SETTINGS.length, starts: asked, accepted: asked - refused };
    return { figures, broken: allZero(figures, 'accepted') };
  },
};

/** How many of the services refuse to start with the setting off. */
async function countRefusals(stage: Stage, { all }: Services, name: string): Promise<number> {
  const { postgres } = stage.world;
  await Promise.all(all.map((service) => service.end('SIGKILL')));
  await postgres.configure(name, 'off');
  try {
    await stage.until(`${name} off`, async () => (await shown(stage, name)) === 'off');
    const ends = await Promise.all(all.map((service) => service.runToEnd(10_000)));
    const words = await Promise.all(all.map((service) => service.lastWords()));
    return ends.filter((code, index) => code === 1 && words[index]?.includes(`${name} is off`))
      .length;
  } finally {
    await postgres.configure(name, null);
  }
}

async function shown({ world }: Stage, name: string): Promise<string | undefined> {
  const [row] = await world.postgres.query<Record<string, string>>('postgres', `SHOW ${name}`);
  return row?.[name];
}
