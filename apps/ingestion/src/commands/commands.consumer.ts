import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { BULK_TOPIC, COMMANDS_TOPIC } from '@parley/contracts';
import { type Chunk } from '@parley/messaging';
import { RedriveReader } from '../redrive/redrive.reader.js';
import { CommandsService } from './commands.service.js';
import { commandReader } from './record-reader.js';

const BULK = commandReader('bulk');

/** The bus edge of ingestion: chunks in, nothing out; throwing means "try again". */
@Controller()
export class CommandsConsumer {
  constructor(
    private readonly commands: CommandsService,
    private readonly interactive: RedriveReader,
  ) {}

  @EventPattern(COMMANDS_TOPIC)
  handleCommands(@Payload() chunk: Chunk): Promise<void> {
    return this.commands.apply(chunk, this.interactive);
  }

  @EventPattern(BULK_TOPIC)
  handleBulk(@Payload() chunk: Chunk): Promise<void> {
    return this.commands.apply(chunk, BULK);
  }
}
