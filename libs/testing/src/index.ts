export { eventually, type EventuallyOptions } from './eventually.js';
export {
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  type TestServer,
  testServerUrl,
} from './postgres/test-database.js';
