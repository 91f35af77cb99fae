import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { GatewayUnderTest, install, type Installation } from './gateway-under-test.js';

/** What a test has to itself: an account, with a key of every scope; gateway and installation are its spec's. */
export interface AccountUnderTest {
  readonly installation: Installation;
  readonly gateway: GatewayUnderTest;
  readonly tenant: string;
  readonly key: string;
}

/** Gives each test of a spec an account of its own, and to all of them one gateway; `settings` are the gateway's. */
export function anAccountEach(
  give: (account: AccountUnderTest) => unknown,
  settings?: Parameters<typeof GatewayUnderTest.start>[1],
): void {
  let installation: Installation;
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation, settings);
  }, 60_000);
  beforeEach(async () => {
    const tenant = await installation.createTenant();
    give({ installation, gateway, tenant, key: await installation.createKey(tenant) });
  });
  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });
}
