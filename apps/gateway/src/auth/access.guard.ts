import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { PUBLIC_ROUTE } from '@parley/platform';
import { type Scope } from '@parley/tenancy';
import { type FastifyRequest } from 'fastify';
import { problem } from '../errors/http-problem.js';
import { KeyLimits } from '../limits/key-limits.js';
import { callerOf } from './caller.js';

const SCOPES = Symbol('scopes');

/** Open to callers that have any of these scopes. */
export const Scopes = (...scopes: readonly Scope[]): MethodDecorator & ClassDecorator =>
  SetMetadata(SCOPES, scopes);

/** The one guard of every route: who says nothing about access lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: KeyLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<true | undefined>(PUBLIC_ROUTE, targets)) return true;
    const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
    const scopes = this.reflector.getAllAndOverride<readonly Scope[] | undefined>(SCOPES, targets);
    if (!scopes?.some((scope) => caller.scopes.includes(scope))) {
      throw problem(
        403,
        'forbidden',
        `this needs the scope ${scopes?.join(' or ') ?? 'of nobody'}`,
      );
    }
    await this.limits.takeRequest(caller);
    return true;
  }
}
