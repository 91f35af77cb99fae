import { partnerTopic } from '@parley/contracts';
import { DomainError } from '@parley/event-sourcing';
import { type ControlDatabase } from '../control/control-database.js';
import { Partner } from '../control/partner.entity.js';
import { isPlainText } from '../plain-text.js';

const MAX_PRINCIPAL = 200;

/** A partner's topic with the name of the tenant whose records it holds. */
export interface PartnerOfTenant {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly topic: string;
}

/** The topics that partners of tenants produce to, one a tenant. */
export class Partners {
  constructor(private readonly control: ControlDatabase) {}

  /**
   * Registers the topic of a tenant's partner, which must have been made; registering it again is harmless, and names
   * the principal where one is given. Throws `DomainError` `partner/invalid-principal`.
   */
  async create(tenantId: string, principal: string | null): Promise<Partner> {
    if (principal !== null && !isPrincipal(principal)) {
      throw new DomainError(
        'partner/invalid-principal',
        `a principal is 1 to ${MAX_PRINCIPAL} characters, none of them a control character or a quote`,
      );
    }
    const { rows } = this.control;
    await rows
      .createQueryBuilder()
      .insert()
      .into(Partner)
      .values({ tenantId, topic: partnerTopic(tenantId), principal })
      .orIgnore()
      .execute();
    if (principal !== null) await rows.update(Partner, { tenantId }, { principal });
    return rows.findOneByOrFail(Partner, { tenantId });
  }

  /** All of them, oldest first. */
  async list(): Promise<Partner[]> {
    return this.control.rows.find(Partner, { order: { createdAt: 'ASC', tenantId: 'ASC' } });
  }

  /** What a consumer of all of them has to know. */
  async listTopics(): Promise<PartnerOfTenant[]> {
    return this.control.rows.query(
      `SELECT tenant_id AS "tenantId", name AS "tenantName", topic
         FROM partners JOIN tenants ON id = tenant_id ORDER BY topic`,
    );
  }
}

/** Quotes would have to be escaped in the commands that are shown to people. */
function isPrincipal(text: string): boolean {
  return text.trim() !== '' && isPlainText(text, MAX_PRINCIPAL) && !/['"\\]/.test(text);
}
