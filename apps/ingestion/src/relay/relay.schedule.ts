import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Relay } from './relay.js';

const SWEEP_EVERY_MS = 30_000;

/** Looks everywhere from time to time, at first when the service starts. */
@Injectable()
export class RelaySchedule implements OnApplicationBootstrap {
  private isSweeping = false;

  constructor(private readonly relay: Relay) {}

  onApplicationBootstrap(): void {
    void this.sweep();
  }

  @Interval(SWEEP_EVERY_MS)
  async sweep(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    await this.relay.sweep();
    this.isSweeping = false;
  }
}
