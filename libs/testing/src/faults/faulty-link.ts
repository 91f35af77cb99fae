import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What a proxy does. `latency` holds back each piece that arrives, by up to `jitterMs` more; `cut` resets every
 * connection, new ones at once; `black-hole` neither answers nor closes, and what was held back goes on afterwards, as
 * with a network that is back; `lose-answers` passes all requests on and resets the connection instead of a `share`
 * (0 to 1, by `random`) of what the server says.
 */
export type FaultMode =
  | { readonly kind: 'pass' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'black-hole' }
  | { readonly kind: 'lose-answers'; readonly share: number; readonly random: () => number };

/** The mode of a proxy that does no harm. */
export const PASSING: FaultMode = { kind: 'pass' };

/** What the links of a proxy share, and its modes change. */
export interface LinkParts {
  mode: FaultMode;
  /** Pending while nothing gets through. */
  healed: Promise<void>;
  target: { readonly host: string; readonly port: number };
}

/** One connection through a proxy. */
export class FaultyLink {
  private readonly sockets: Socket[];

  constructor(
    private readonly client: Socket,
    private readonly parts: LinkParts,
  ) {
    this.sockets = [client];
    quieted(client);
  }

  /** Resolves when both sides are closed. */
  async run(): Promise<void> {
    if (this.parts.mode.kind === 'cut') return this.cut();
    await this.parts.healed;
    if (this.client.destroyed) return;
    const server = quieted(connect(this.parts.target));
    this.sockets.push(server);
    await Promise.all([
      this.pump(this.client, server, false),
      this.pump(server, this.client, true),
    ]).catch(() => undefined);
    this.cut();
  }

  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private async pump(from: Socket, to: Socket, isAnswer: boolean): Promise<void> {
    for await (const bytes of from) {
      await this.misbehave(isAnswer);
      if (to.destroyed) return;
      if (!to.write(bytes as Buffer)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
  }

  private async misbehave(isAnswer: boolean): Promise<void> {
    await this.parts.healed;
    const { mode } = this.parts;
    if (mode.kind === 'latency') await delay(mode.ms + Math.random() * (mode.jitterMs ?? 0));
    if (mode.kind === 'lose-answers' && isAnswer && mode.random() < mode.share) this.cut();
  }
}

/** A reset is what these sockets are for: unheard, it would end the process. */
function quieted(socket: Socket): Socket {
  return socket.setNoDelay(true).on('error', () => undefined);
}
