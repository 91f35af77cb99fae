import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';

let registry: Registry | undefined;

/** The registry of this process, with Node's own metrics (event-loop delay among them) from the first use. */
export function metricsRegistry(): Registry {
  if (!registry) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}

/** The histogram of that name, made at its first use: several apps of one process share it. */
export function histogram<Label extends string>(
  config: HistogramConfiguration<Label>,
): Histogram<Label> {
  const shared = metricsRegistry();
  const found = shared.getSingleMetric(config.name) as Histogram<Label> | undefined;
  return found ?? new Histogram({ ...config, registers: [shared] });
}

/** The counter of that name, made at its first use: several apps of one process share it. */
export function counter<Label extends string>(config: CounterConfiguration<Label>): Counter<Label> {
  const shared = metricsRegistry();
  const found = shared.getSingleMetric(config.name) as Counter<Label> | undefined;
  return found ?? new Counter({ ...config, registers: [shared] });
}

/** The gauge of that name, made at its first use: several apps of one process share it. */
export function gauge<Label extends string>(config: GaugeConfiguration<Label>): Gauge<Label> {
  const shared = metricsRegistry();
  const found = shared.getSingleMetric(config.name) as Gauge<Label> | undefined;
  return found ?? new Gauge({ ...config, registers: [shared] });
}
