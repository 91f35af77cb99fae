import { eventually } from '@parley/testing';
import { type HttpItem, type SentRecord } from './partner-records.js';

const BATCH = 500;
const BATCH_BYTES = 900 * 1024;

/** How many items the upload API took, and how many it refused. */
export interface HttpOutcome {
  readonly taken: number;
  readonly refused: number;
}

/** Sends the same records by HTTP: conversations first, for a message has to find its own. */
export async function sendByHttp(
  url: string,
  key: string,
  records: readonly SentRecord[],
): Promise<HttpOutcome> {
  const items = records.flatMap(({ http }) => http);
  let taken = 0;
  let count = 0;
  for (const path of ['conversations', 'messages'] as const) {
    for (const batch of batchesOf(items.filter((item) => item.path === path))) {
      const statuses = await insist(() => post(`${url}/api/${path}`, key, batch));
      taken += statuses.filter((status) => status === 200).length;
      count += batch.length;
    }
  }
  return { taken, refused: count - taken };
}

/** What is no JSON would spoil the whole batch: it is sent alone. */
function batchesOf(items: readonly HttpItem[]): HttpItem[][] {
  const batches: HttpItem[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = batches.at(-1);
    const isFull = !last || last.length === BATCH || bytes + item.text.length > BATCH_BYTES;
    if (isFull || !isJson(item) || !isJson(last.at(-1)!)) {
      batches.push([item]);
      bytes = item.text.length;
    } else {
      last.push(item);
      bytes += item.text.length;
    }
  }
  return batches;
}

function isJson({ text }: HttpItem): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** 503 says nothing of what became of it; sending it again is harmless. */
async function insist(send: () => Promise<number[]>): Promise<number[]> {
  return eventually(
    async () => {
      const statuses = await send();
      if (statuses.includes(503)) throw new Error('the API was too slow to say what became of it');
      return statuses;
    },
    { timeoutMs: 60_000 },
  );
}

async function post(url: string, key: string, batch: readonly HttpItem[]): Promise<number[]> {
  const texts = batch.map(({ text }) => text);
  const body = texts.length === 1 ? texts[0]! : `[${texts.join(',')}]`;
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  const answer = await fetch(url, { method: 'POST', headers, body });
  const results: unknown = await answer.json();
  if (!Array.isArray(results)) return batch.map(() => answer.status);
  return (results as { status_code: number }[]).map(({ status_code }) => status_code);
}
