import { DomainError } from '@parley/event-sourcing';
import { isPlainText } from '../plain-text.js';

const MAX_CHARACTERS = 100;
const TENANT_ID = /^t_[0-9a-f]{20}$/;

/** Whether `text` has the form of a tenant's id. */
export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text);
}

/** Throws `tenant/invalid-name` unless `name` is 1 to 100 characters of plain text that is not itself an id. */
export function checkTenantName(name: string): void {
  if (name.trim() === '' || !isPlainText(name, MAX_CHARACTERS) || isTenantId(name)) {
    throw new DomainError(
      'tenant/invalid-name',
      `a tenant's name is 1 to ${MAX_CHARACTERS} characters, none of them a control character, and no id`,
    );
  }
}
