export { loadConfig } from './config/load-config.js';
export { HealthModule } from './health/health.module.js';
export { type HealthCheck, Readiness } from './health/readiness.js';
export { type RateDecision, type RateLimit, RateLimits } from './limits/rate-limits.js';
export { createLogger, type Logger, type LoggerOptions, nestLogger } from './logging/logger.js';
export { observeRequests, type ObserveRequestsOptions } from './logging/observe-requests.js';
export { type Warn, warnSeldom } from './logging/warn-seldom.js';
export { beforeScrape, type ScrapeHook } from './metrics/before-scrape.js';
export { counter, gauge, histogram } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded-postgres.js';
export { backoffMs, type BackoffOptions } from './retry/backoff.js';
export { endedWithin } from './retry/ended-within.js';
export { deriveKey, derivePassword, readSecret, type SecretPlace } from './secret/secret.js';
export { PUBLIC_ROUTE, PublicRoute } from './service/public-route.js';
export { runService, type RunServiceOptions, type Stoppable } from './service/run-service.js';
