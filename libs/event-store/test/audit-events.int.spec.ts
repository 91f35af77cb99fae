import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAuditEvent, listAuditEvents } from '../src/audit/audit-events.js';
import { createTenant, type TestTenant } from './store.fixtures.js';

const INSUFFICIENT_PRIVILEGE = '42501';

describe('the audit events of a tenant', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant();
    for (const subject of ['first', 'second', 'third'])
      await addAuditEvent(tenant.app, {
        ...{ actor: 'cli', action: 'thing.change', subject },
        details: { was: null, is: subject },
      });
  });
  afterAll(() => tenant.drop());

  it('are listed with the newest first, page by page', async () => {
    const page = await listAuditEvents(tenant.app, { limit: 2 });
    expect(page).toMatchObject([
      { actor: 'cli', action: 'thing.change', subject: 'third', details: { is: 'third' } },
      { subject: 'second' },
    ]);
    expect(page[0]?.at).toBeInstanceOf(Date);
    const rest = await listAuditEvents(tenant.app, { before: page[1]!.id });
    expect(rest.map(({ subject }) => subject)).toEqual(['first']);
  });

  it('go with the transaction of the change', async () => {
    const client = await tenant.app.connect();
    await client.query('BEGIN');
    const event = { actor: 'cli', action: 'thing.change', subject: 'undone', details: {} };
    await addAuditEvent(client, event);
    await client.query('ROLLBACK');
    client.release();
    expect(await listAuditEvents(tenant.app)).toHaveLength(3);
  });

  it.each([
    `UPDATE audit_events SET actor = 'nobody'`,
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
  ])('can’t be changed by anybody: %s', async (sql) => {
    const refused = { code: INSUFFICIENT_PRIVILEGE };
    await expect(tenant.app.query(sql)).rejects.toMatchObject(refused);
    await expect(tenant.admin.query(sql)).rejects.toMatchObject(refused);
    const replica = `SET LOCAL session_replication_role = replica; ${sql}`;
    await expect(tenant.admin.query(replica)).rejects.toMatchObject(refused);
  });
});
