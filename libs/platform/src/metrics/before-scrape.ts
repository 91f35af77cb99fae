/** Brings metrics up to date that are only worth their work when somebody looks at them. */
export type ScrapeHook = () => Promise<void>;

const hooks = new Set<ScrapeHook>();
const WAITS_MS = 5_000;

/** Has `hook` run before each scrape of this process, which waits 5 s for it at most; answers how to end that. */
export function beforeScrape(hook: ScrapeHook): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}

/** Runs what was asked for; whatever fails or takes too long does not keep the other metrics back. */
export async function runScrapeHooks(): Promise<void> {
  if (hooks.size === 0) return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, WAITS_MS);
  await Promise.race([Promise.allSettled([...hooks].map((hook) => hook())), late.promise]);
  clearTimeout(timer);
}
