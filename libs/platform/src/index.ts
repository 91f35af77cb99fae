export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded-postgres.js';
export { derivePassword, readSecret, type SecretPlace } from './secret/secret.js';
