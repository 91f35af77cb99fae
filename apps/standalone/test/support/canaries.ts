/** Texts that must not be kept, each found nowhere else. */
export interface Canaries {
  readonly email: string;
  readonly phone: string;
  readonly card: string;
  readonly employee: string;
  readonly hidden: string;
}

/** A policy that keeps all of them out. */
export const POLICY = {
  missing_info_fields: true,
  fields: [{ path: 'messages[].note', action: 'mask' }],
  validators: [
    { kind: 'email', action: 'mask' },
    { kind: 'phone', action: 'mask' },
    { kind: 'card', action: 'mask' },
    { kind: 'pattern', name: 'employee', pattern: 'EMP-[0-9]{6}', action: 'mask' },
    { kind: 'pattern', name: 'secret', pattern: 'TOP SECRET', action: 'reject' },
  ],
};

/** The canaries of that number. */
export function canaries(number: number): Canaries {
  const digits = String(number).padStart(4, '0');
  return {
    email: `canary.${digits}@example.com`,
    phone: `+1 415 555 ${digits}`,
    card: withCheckDigit(`41111111111${digits}`),
    employee: `EMP-77${digits}`,
    hidden: `hidden-${digits}`,
  };
}

/** A conversation record that is full of them. */
export function aRecord(
  conversation_id: string,
  { email, phone, card, employee, hidden }: Canaries,
): Record<string, unknown> {
  return {
    ...{ conversation_id, agent_id: 'bot', timestamp: '2026-01-15T10:30:00Z', is_resolved: false },
    user_data: { contact: { mail: [email], [email]: 'a name' }, phone_number: hidden, phone },
    missing_info: { reason: `asked ${card}`, fields: ['phone_number'] },
    [`about ${employee}`]: { card },
  };
}

/** A message that is full of them. */
export function aMessage(
  message_id: string,
  { email, phone, card, employee, hidden }: Canaries,
): Record<string, unknown> {
  return {
    ...{ message_id, role: 'customer', sender_id: email, timestamp: '2026-01-15T10:31:00Z' },
    content: `I am ${email} (${phone}), pay with ${card}, ask ${employee}`,
    logs: [{ name: 'look-up', content: phone, [email]: card }, employee],
    note: { hidden },
  };
}

/** The number with the digit that makes it a card's (Luhn). */
function withCheckDigit(number: string): string {
  const sum = [...number].reverse().reduce((total, character, place) => {
    const digit = Number(character) * (place % 2 === 0 ? 2 : 1);
    return total + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return number + String((10 - (sum % 10)) % 10);
}
