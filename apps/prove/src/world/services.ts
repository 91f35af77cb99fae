import { join } from 'node:path';
import { ServiceProcess } from './service-process.js';
import { type World } from './world.js';

const APPS = join(import.meta.dirname, '..', '..', '..');

let started = 0;

/** How many of each run; `preloads` are loaded into all of them first, and `env` is added to theirs. */
export interface ServicesOptions {
  readonly gateways?: number;
  readonly ingestions?: number;
  readonly preloads?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

/** The gateways and ingestions of a world, as built, each in a process of its own. */
export class Services {
  readonly gateways: ServiceProcess[] = [];
  readonly ingestions: ServiceProcess[] = [];

  /** How often one ended by itself. */
  restarts = 0;
  private supervising?: NodeJS.Timeout;

  private constructor(
    private readonly world: World,
    private readonly options: ServicesOptions,
  ) {}

  /** All are ready when this resolves. */
  static async start(world: World, options: ServicesOptions = {}): Promise<Services> {
    const services = new Services(world, options);
    const { gateways = 1, ingestions = 1 } = options;
    try {
      await Promise.all([
        ...Array.from({ length: ingestions }, () => services.addIngestion()),
        ...Array.from({ length: gateways }, () => services.addGateway()),
      ]);
    } catch (error) {
      await services.stop();
      throw error;
    }
    return services;
  }

  get all(): ServiceProcess[] {
    return [...this.gateways, ...this.ingestions];
  }

  get urls(): string[] {
    return this.gateways.map(({ url }) => url);
  }

  async addGateway(): Promise<ServiceProcess> {
    const gateway = await this.start('gateway');
    this.gateways.push(gateway);
    return gateway;
  }

  async addIngestion(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const ingestion = await this.start('ingestion', env);
    this.ingestions.push(ingestion);
    return ingestion;
  }

  /** Stops the youngest ingestion as an orchestrator does; answers its exit code. */
  async removeIngestion(): Promise<number | null> {
    return (await this.ingestions.pop()?.end('SIGTERM')) ?? null;
  }

  /** Starts what ends by itself again, as an orchestrator does, until the services are stopped. */
  supervise(): void {
    this.supervising ??= setInterval(() => {
      for (const service of this.all.filter(({ hasEndedByItself }) => hasEndedByItself)) {
        this.restarts += 1;
        service.start().catch(() => undefined);
      }
    }, 200);
  }

  async stop(): Promise<void> {
    clearInterval(this.supervising);
    const { all } = this;
    for (const service of all) service.signal('SIGCONT');
    await Promise.all(all.map((service) => service.end('SIGKILL')));
  }

  private async start(
    app: 'gateway' | 'ingestion',
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    const { home, env: common } = this.world;
    const { preloads = [], flags = [] } = this.options;
    const name = `${app}-${(started += 1)}`;
    return ServiceProcess.start({
      ...{ name, preloads, flags },
      main: join(APPS, app, 'dist', 'main.js'),
      env: { ...common, ...this.options.env, ...env },
      log: join(home, 'logs', `${name}.log`),
    });
  }
}
