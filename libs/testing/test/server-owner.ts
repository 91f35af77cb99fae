import { startTestServer } from '../src/postgres/test-server.js';

/** A process that starts a test server, says where it is, and waits to be killed. */
const { url } = await startTestServer();
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 1_000);
