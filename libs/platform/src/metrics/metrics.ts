import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type Metric,
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

/** The counter of that name, made at its first use: several apps of one process share it. */
export function counter<Label extends string>(config: CounterConfiguration<Label>): Counter<Label> {
  return once(config.name, (registers) => new Counter({ ...config, registers }));
}

/** The gauge of that name, made at its first use: several apps of one process share it. */
export function gauge<Label extends string>(config: GaugeConfiguration<Label>): Gauge<Label> {
  return once(config.name, (registers) => new Gauge({ ...config, registers }));
}

/** The histogram of that name, made at its first use: several apps of one process share it. */
export function histogram<Label extends string>(
  config: HistogramConfiguration<Label>,
): Histogram<Label> {
  return once(config.name, (registers) => new Histogram({ ...config, registers }));
}

function once<M extends Metric>(name: string, create: (registers: Registry[]) => M): M {
  const found = metricsRegistry().getSingleMetric(name) as M | undefined;
  return found ?? create([metricsRegistry()]);
}
