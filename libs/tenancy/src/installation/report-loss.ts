import { type LostRecords } from '@parley/messaging';
import { counter, type Logger } from '@parley/platform';

const lostRecords = () =>
  counter({
    name: 'parley_bus_records_lost_to_retention_total',
    help: 'Offsets that the bus’s retention took before their group was handed them',
    labelNames: ['group', 'topic'],
  });

/** Tells the operator, by the log and the metrics, of records that the bus forgot before their group got them. */
export function reportLoss(logger: Logger): (lost: LostRecords) => void {
  return ({ source: { group, topic, partition }, from, to }) => {
    lostRecords().inc({ group, topic }, to - from);
    logger.error(
      { code: 'records_lost_to_retention', group, topic, partition, from, to },
      'the bus forgot records before they were consumed: they are lost unless their senders repeat them',
    );
  };
}
