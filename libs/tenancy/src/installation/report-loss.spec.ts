import { describe, expect, it } from '@jest/globals';
import { counter, createLogger } from '@parley/platform';
import { reportLoss } from './report-loss.js';

describe('records that the bus forgot', () => {
  it('are an error in the log and a count in the metrics', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      service: 'test',
      destination: { write: (line: string) => void lines.push(line) },
    });
    const source = { bus: 'b', incarnation: 1, group: 'g', topic: 't', partition: 2 };
    reportLoss(logger)({ source, from: 3, to: 10 });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { code: 'records_lost_to_retention', group: 'g', topic: 't', partition: 2, from: 3, to: 10 },
    ]);
    const metric = counter({ name: 'parley_bus_records_lost_to_retention_total', help: '' });
    expect((await metric.get()).values).toMatchObject([{ value: 7, labels: { group: 'g' } }]);
  });
});
