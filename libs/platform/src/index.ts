export { ConfigError, loadConfig } from './config/load-config.js';
export { HealthModule } from './health/health.module.js';
export { type HealthCheck, Readiness } from './health/readiness.js';
export { backoffMs, type BackoffOptions } from './limits/backoff.js';
export { type RateDecision, type RateLimit, RateLimits } from './limits/rate-limits.js';
export { createLogger, type Logger, type LoggerOptions, nestLogger } from './logging/logger.js';
export { observeRequests, type ObserveRequestsOptions } from './logging/observe-requests.js';
export { safeError, type SafeError } from './logging/safe-error.js';
export { counter, gauge, histogram, metricsRegistry } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded-postgres.js';
export { derivePassword, readSecret, type SecretPlace } from './secret/secret.js';
export { PUBLIC_ROUTE, PublicRoute } from './service/public-route.js';
export { runService, type RunServiceOptions, type Stoppable } from './service/run-service.js';
