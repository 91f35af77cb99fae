import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type FastifyRequest } from 'fastify';
import { type Observable } from 'rxjs';
import { type ReadAfter, ReadAfterGate } from './read-after.js';
import { READ_AFTER_HEADER } from './read-after-tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    readAfter: ReadAfter;
  }
}

const READS = Symbol('reads');
const READING = new Set(['GET', 'HEAD']);
const NOTHING: ReadAfter = { position: 0, deadline: 0 };

/** A call that reads though it is no GET. */
export const Reads = (): MethodDecorator => SetMetadata(READS, true);

/** Every read waits for what the header `Parley-Read-After` stands for; writes pay no heed to it. */
@Injectable()
export class ReadAfterInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: ReadAfterGate,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = request.headers[READ_AFTER_HEADER.toLowerCase()];
    const isRead =
      READING.has(request.method) ||
      this.reflector.get<true | undefined>(READS, context.getHandler()) === true;
    request.readAfter =
      token !== undefined && request.caller && isRead
        ? await this.gate.pass(request.caller.tenantId, String(token))
        : NOTHING;
    return next.handle();
  }
}
