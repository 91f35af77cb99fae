import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stage } from '../stage.js';
import { type ServiceProcess } from '../world/service-process.js';
import { type Services } from '../world/services.js';
import { STOP_FOLDER, stopFiles } from './config.js';

/** Where an ingestion can be stopped: it has taken a chunk, it holds the log, it has committed but said so to nobody. */
export const STOP_POINTS = ['before-begin', 'in-transaction', 'after-commit'] as const;

/** One of `STOP_POINTS`. */
export type StopPoint = (typeof STOP_POINTS)[number];

/** What became of a process that went on: events that it wrote, or null where its transaction was refused. */
export interface Aftermath {
  readonly written: number | null;
}

/** Stops ingestions at chosen points; services must have been started with `preload` and `env`. */
export class StopPoints {
  readonly preload = join(import.meta.dirname, 'stop-points.preload.js');

  private constructor(
    private readonly stage: Stage,
    private readonly folder: string,
  ) {}

  static async open(stage: Stage): Promise<StopPoints> {
    return new StopPoints(stage, await mkdtemp(join(stage.world.home, 'stops-')));
  }

  get env(): Readonly<Record<string, string>> {
    return { [STOP_FOLDER]: this.folder };
  }

  /** Resolves with the first ingestion that comes to the point; it is stopped there. */
  async stopOne(services: Services, point: StopPoint): Promise<ServiceProcess> {
    const { asked, stopped } = stopFiles(this.folder, point);
    await writeFile(asked, '');
    await this.stage.until(`a stop at ${point}`, () => existsSync(stopped), 20_000);
    const pid = Number(await readFile(stopped, 'utf8'));
    const found = services.ingestions.find((service) => service.pid === pid);
    if (!found) throw new Error(`process ${pid} stopped at ${point}, and is none of ours`);
    await this.stage.until('the stop', () => found.isStopped());
    return found;
  }

  /** Lets it go on, and answers what came of what it was about to do. */
  async goOn(service: ServiceProcess, point: StopPoint): Promise<Aftermath> {
    const { ended } = stopFiles(this.folder, point);
    service.signal('SIGCONT');
    await this.stage.until(`the end of a stop at ${point}`, () => existsSync(ended));
    return JSON.parse(await readFile(ended, 'utf8')) as Aftermath;
  }
}
