import { type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { type LogWorker } from './log-worker.js';

const SWEEP_EVERY_MS = 30_000;

/** Has the workers look everywhere from time to time, at first when the service starts, and stops them with it. */
export class LogWorkersSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private isSweeping = false;

  constructor(private readonly workers: readonly LogWorker[]) {}

  onApplicationBootstrap(): void {
    void this.sweep();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  @Interval(SWEEP_EVERY_MS)
  async sweep(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    await Promise.all(this.workers.map((worker) => worker.sweep()));
    this.isSweeping = false;
  }
}
