export { followSearch, type FollowSearchOptions } from './index/follow-search.js';
export {
  rebuildSearch,
  type SearchRebuild,
  type SearchRebuildResult,
} from './index/rebuild-search.js';
export { searchCondition, type SearchCondition } from './query/search-condition.js';
export { type Alternative, parseSearch, type SearchQuery } from './query/search-query.js';
