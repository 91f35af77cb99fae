import { type Receipt } from '@parley/contracts';

/** A receipt of a created message, with whatever a test wants otherwise. */
export function receipt(fields: Partial<Receipt> = {}): Receipt {
  return {
    command_id: '0190a5b4-0000-7000-8000-000000000001',
    attempt_id: '0190a5b4-0000-7000-8000-00000000000a',
    disposition: 'created',
    stream_id: '0190a5b4-0000-7000-8000-0000000000ff',
    stream_version: 1,
    position: 1,
    content_hash: null,
    request_hash: null,
    warnings: [],
    masked: [],
    problem: null,
    created_at: 1_705_314_605_123_456,
    decided_at: 1_705_314_605_123_456,
    ...fields,
  };
}
