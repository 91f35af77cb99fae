import { readFollower, SEARCH_SCHEMA } from '@parley/event-store';
import { parseSearch, searchCondition, type SearchCondition } from '@parley/search';
import { type TenantDatabases } from '@parley/tenancy';
import { invalid } from '../errors/http-problem.js';
import { HeadWatch } from '../reading/head-watch.js';
import { notYet, type ReadAfter } from '../reading/read-after.js';
import { SEARCH_VALUES_FROM } from './list-statements.js';

const PACE = { firstMs: 10, lastMs: 100 };

/** Turns what is looked for into a condition, once the index shows what the read must show. */
export class SearchService {
  private readonly indexes: HeadWatch;

  constructor(
    private readonly databases: TenantDatabases,
    onFailure: (error: unknown) => void,
  ) {
    const readPosition = async (tenant: string) =>
      readFollower(await databases.pool(tenant, 'reader'), SEARCH_SCHEMA);
    this.indexes = new HeadWatch(readPosition, PACE, onFailure);
  }

  /** Throws a 422 where nothing is named to look for, a 503 where the index does not get there in time. */
  async condition(
    tenant: string,
    typed: string,
    { position, deadline }: ReadAfter,
  ): Promise<SearchCondition> {
    const query = parseSearch(typed);
    if (!query) {
      const msg = 'name a word or phrase to look for, also in each alternative';
      throw invalid({ loc: ['query', 'q'], msg, type: 'bad_query' });
    }
    const isThere =
      position === 0 ||
      (await this.indexes.reach(tenant, position, deadline - Date.now())) !== null;
    if (!isThere) throw notYet();
    return searchCondition(await this.databases.pool(tenant, 'reader'), query, SEARCH_VALUES_FROM);
  }
}
