import { type ReadModel, type Recorded, type StreamRow } from '@parley/event-sourcing';
import { RowTable } from './row-table.js';

/**
 * The rows that one stream leads to, in memory: the same code that writes the read models, fed with a stream from its
 * first event on. Whoever stops at an event sees what was served right after it.
 *
 * @example const fold = new StreamFold([conversations]); events.forEach((event) => fold.apply(event)); fold.get(conversations)
 */
export class StreamFold {
  private readonly tables = new Map<string, RowTable<StreamRow>>();
  private streamId = '';

  constructor(models: readonly ReadModel[]) {
    for (const model of models) this.tables.set(model.table, new RowTable(model, ''));
  }

  /** Goes on by an event; events come in the order of their stream versions, from 1 on. */
  apply(recorded: Recorded): void {
    this.streamId = recorded.streamId;
    for (const table of this.tables.values()) table.apply(recorded);
  }

  /** The row as it is now, or null; `item` is the model's item, `''` where it has none. */
  get<R extends StreamRow>(model: ReadModel<R>, item = ''): R | null {
    return this.streamId === '' ? null : this.table(model).get(this.streamId, item);
  }

  /** Every row as it is now, in no order. */
  list<R extends StreamRow>(model: ReadModel<R>): readonly R[] {
    return this.table(model).changes().fresh;
  }

  private table<R extends StreamRow>(model: ReadModel<R>): RowTable<R> {
    const table = this.tables.get(model.table);
    if (!table) throw new Error(`no read model ${model.table} in this fold`);
    return table as unknown as RowTable<R>;
  }
}
