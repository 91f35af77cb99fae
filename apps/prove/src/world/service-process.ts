import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** What a service says that can't start for what is away. */
const AWAY = /ECONNREFUSED|ECONNRESET|timeout|BusUnavailable|terminated|57P0/i;

/** None outlives the harness. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** What is started: a compiled main file, modules that it loads first, its environment, and where its output goes. */
export interface ServiceOptions {
  readonly name: string;
  readonly main: string;
  readonly preloads: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  readonly flags?: readonly string[];
}

/** A service in a process of its own, on a port that stays over restarts. */
export class ServiceProcess {
  private child: ChildProcess | null = null;
  /** While somebody waits for its end, or for its start. */
  private isAwaited = false;

  private constructor(
    private readonly options: ServiceOptions,
    private readonly port: number,
  ) {}

  static async start(options: ServiceOptions): Promise<ServiceProcess> {
    const service = new ServiceProcess(options, await freePort());
    await service.start();
    return service;
  }

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether it ended without being told to. */
  get hasEndedByItself(): boolean {
    return this.child !== null && !this.isRunning && !this.isAwaited;
  }

  get exitCode(): number | null {
    return this.child?.exitCode ?? null;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves when the service is ready. Where what it needs is away it is started again, as an orchestrator does. */
  async start(): Promise<void> {
    this.isAwaited = true;
    this.spawn();
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await this.isReady())) {
      if (!this.isRunning) await this.startAgain();
      if (performance.now() > deadline) throw new Error(`${this.name} did not get ready`);
      await delay(LOOK_EVERY_MS);
    }
    this.isAwaited = false;
  }

  private async startAgain(): Promise<void> {
    const words = await this.lastWords();
    if (!AWAY.test(words)) throw new Error(`${this.name} ended with ${this.exitCode}:\n${words}`);
    this.spawn();
  }

  /** For one that is expected to end by itself: resolves with its exit code; null where it did not end in time. */
  async runToEnd(withinMs: number): Promise<number | null> {
    this.isAwaited = true;
    this.spawn();
    const deadline = performance.now() + withinMs;
    while (this.isRunning && performance.now() < deadline) await delay(LOOK_EVERY_MS);
    const { exitCode } = this;
    await this.end('SIGKILL');
    return exitCode;
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Resolves with the exit code when the process is gone; null where a signal ended it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (!child || !this.isRunning) return this.exitCode;
    this.isAwaited = true;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void {
    this.child?.kill(signal);
  }

  /** Megabytes of memory that the process holds now. */
  async memoryMb(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }

  /** Whether the process is stopped by a signal. */
  async isStopped(): Promise<boolean> {
    const stat = await readFile(`/proc/${this.pid}/stat`, 'utf8').catch(() => '');
    return / T /.test(stat.slice(stat.lastIndexOf(')')));
  }

  async lastWords(): Promise<string> {
    const log = await readFile(this.options.log, 'utf8').catch(() => '');
    return log.split('\n').slice(-25).join('\n');
  }

  private spawn(): void {
    const { main, preloads, env, log, flags = [] } = this.options;
    const imports = preloads.map((file) => `--import=${file}`);
    // kafkajs sets timers into the past, which is harmless.
    const quiet = '--disable-warning=TimeoutNegativeWarning';
    const output = openSync(log, 'a');
    const child = spawn(process.execPath, [quiet, ...flags, ...imports, main], {
      env: { PATH: '/usr/bin:/bin', ...env, PORT: String(this.port) },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    running.add(child);
    child.once('exit', () => running.delete(child));
    this.child = child;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
