import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { DrainService } from './drain.service.js';

const LOOK_EVERY_MS = 2_000;

/** Looks after parked tenants; harmless when several replicas do it at once. */
@Injectable()
export class DrainSchedule {
  constructor(private readonly drains: DrainService) {}

  @Interval(LOOK_EVERY_MS)
  look(): Promise<void> {
    return this.drains.look();
  }
}
