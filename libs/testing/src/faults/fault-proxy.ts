import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { FaultyLink, type FaultMode, type LinkParts, PASSING } from './faulty-link.js';

export { type FaultMode } from './faulty-link.js';

/** `target` is where connections go, as `host:port` or as a URL; `port` is ours, a free one of 127.0.0.1 by default. */
export interface FaultProxyOptions {
  readonly target: string;
  readonly port?: number;
}

/** A TCP proxy on 127.0.0.1 that can be told to misbehave. */
export interface FaultProxy {
  readonly port: number;
  /** Its own `host:port`. */
  readonly address: string;
  /** The same URL, but through the proxy. */
  through(url: string): string;
  /** From now on; connections that are open are hit too. */
  setMode(mode: FaultMode): void;
  /** Sends new connections elsewhere, such as to a server that came back on another port. */
  aim(target: string): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy in front of one server. It passes everything on until it is told otherwise.
 *
 * @example const proxy = await startFaultProxy({ target: databaseUrl }); proxy.setMode({ kind: 'black-hole' });
 */
export async function startFaultProxy({
  target,
  port = 0,
}: FaultProxyOptions): Promise<FaultProxy> {
  const parts: LinkParts = { mode: PASSING, healed: Promise.resolve(), target: placeOf(target) };
  let heal = (): void => undefined;
  const links = new Set<FaultyLink>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const link = new FaultyLink(socket, parts);
    links.add(link);
    void link.run().finally(() => links.delete(link));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const own = (server.address() as AddressInfo).port;
  const setMode = (mode: FaultMode) => {
    heal();
    parts.mode = mode;
    if (mode.kind === 'black-hole')
      ({ promise: parts.healed, resolve: heal } = Promise.withResolvers<void>());
    if (mode.kind === 'cut') for (const link of links) link.cut();
  };
  return {
    port: own,
    address: `127.0.0.1:${own}`,
    through: (url) => moved(url, own),
    setMode,
    aim: (next) => (parts.target = placeOf(next)),
    close: () => closed(server, links, setMode),
  };
}

async function closed(
  server: Server,
  links: Iterable<FaultyLink>,
  setMode: (mode: FaultMode) => void,
): Promise<void> {
  setMode(PASSING);
  for (const link of links) link.cut();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

function placeOf(target: string): LinkParts['target'] {
  const { hostname, port } = new URL(target.includes('://') ? target : `tcp://${target}`);
  return { host: hostname, port: Number(port) };
}

function moved(url: string, port: number): string {
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return through.href;
}
