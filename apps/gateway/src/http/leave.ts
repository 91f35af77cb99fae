import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Readiness } from '@parley/platform';

const SWEEP_EVERY_MS = 250;

/**
 * A gateway that is about to stop says so with every answer, so that clients send their next request elsewhere; a
 * connection that was kept open all the same would otherwise hold up its end for as long as the client likes.
 */
export function takeLeave(app: NestFastifyApplication): void {
  const instance = app.getHttpAdapter().getInstance();
  const readiness = app.get(Readiness, { strict: false });
  let isClosing = false;
  instance.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing || readiness.isDraining) reply.header('Connection', 'close');
    done(null, payload);
  });
  instance.addHook('preClose', (done) => {
    isClosing = true;
    const sweep = setInterval(() => {
      instance.server.closeIdleConnections();
    }, SWEEP_EVERY_MS);
    instance.server.once('close', () => {
      clearInterval(sweep);
    });
    sweep.unref();
    done();
  });
}
