import { DomainError } from '@parley/event-sourcing';

const MAX_CHARACTERS = 100;
const TENANT_ID = /^t_[0-9a-f]{20}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Whether `text` has the form of a tenant's id. */
export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text);
}

/** Throws `tenant/invalid-name` unless `name` is 1 to 100 characters of plain text that is not itself an id. */
export function checkTenantName(name: string): void {
  const length = [...name].length;
  const isPlain = !/[\ud800-\udfff]/u.test(name) && !CONTROL_CHARACTER.test(name);
  const isBlank = name.trim() === '';
  if (isBlank || length > MAX_CHARACTERS || !isPlain || isTenantId(name)) {
    throw new DomainError(
      'tenant/invalid-name',
      `a tenant's name is 1 to ${MAX_CHARACTERS} characters, none of them a control character, and no id`,
    );
  }
}
