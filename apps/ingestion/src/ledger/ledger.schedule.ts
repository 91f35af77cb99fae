import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { LedgerService } from './ledger.service.js';

/** Keeps the ledgers tidy; harmless when several replicas do it at once. */
@Injectable()
export class LedgerSchedule {
  constructor(private readonly ledger: LedgerService) {}

  @Cron(CronExpression.EVERY_HOUR)
  tidy(): Promise<void> {
    return this.ledger.tidy();
  }
}
