import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceProcess } from '../world/service-process.js';
import { type Services } from '../world/services.js';
import { type ProvenTenant, type World } from '../world/world.js';
import { holdLog } from './hold-log.js';
import { type Random } from './random.js';

const AWAY_FOR_MS = 300;

/** kill -9 of one service process after the other, at random moments, each started again. */
export class Killer {
  readonly kills = { gateway: 0, ingestion: 0 };
  private turn = 0;

  constructor(
    private readonly world: World,
    private readonly services: Services,
    private readonly tenant: ProvenTenant,
  ) {}

  /** The next one in turn; every other ingestion dies while writes pile up, when it has most to lose. */
  async killNext(random: Random): Promise<void> {
    const { gateways, ingestions } = this.services;
    const turn = (this.turn += 1);
    await delay(random.between(100, 900));
    if (turn % 2 === 0) return this.kill(random.pick(gateways), 'gateway');
    const victim = random.pick(ingestions);
    if (turn % 4 === 1) return this.kill(victim, 'ingestion');
    const backlogMs = random.between(1_100, 1_600);
    await holdLog(this.world, this.tenant.id, backlogMs, () => this.kill(victim, 'ingestion'));
  }

  /** kill -9 of an ingestion. */
  async killIngestion(random: Random): Promise<void> {
    await delay(random.between(100, 900));
    await this.kill(random.pick(this.services.ingestions), 'ingestion');
  }

  private async kill(victim: ServiceProcess, kind: 'gateway' | 'ingestion'): Promise<void> {
    await victim.end('SIGKILL');
    this.kills[kind] += 1;
    await delay(AWAY_FOR_MS);
    await victim.start();
  }
}
