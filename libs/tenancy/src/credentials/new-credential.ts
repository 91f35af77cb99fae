import { DomainError } from '@parley/event-sourcing';
import { isPlainText } from '../plain-text.js';
import { CREDENTIAL_KINDS, type CredentialKind, type Scope, SCOPES } from './principal.js';

/** What a credential is asked for with: a tenant's id, all scopes but `admin` unless given, and no end unless given. */
export interface NewCredential {
  readonly tenant: string;
  readonly kind: string;
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly expiresAt?: Date;
}

/** The same, checked. */
export interface CheckedCredential {
  readonly tenantId: string;
  readonly kind: CredentialKind;
  readonly name: string | null;
  readonly scopes: Scope[];
  readonly expiresAt: Date | null;
}

const DEFAULT_SCOPES: readonly Scope[] = ['ingest', 'read', 'chat'];
const MAX_NAME = 100;

/** Throws `DomainError` `credential/unsupported-kind` or `credential/invalid`. */
export function checkNewCredential(asked: NewCredential, now: Date): CheckedCredential {
  const kind = CREDENTIAL_KINDS.find((known) => known === asked.kind);
  if (!kind) {
    const known = CREDENTIAL_KINDS.join(', ');
    throw new DomainError('credential/unsupported-kind', `the kinds of credential are: ${known}`);
  }
  return {
    tenantId: asked.tenant,
    kind,
    name: nameOf(asked.name),
    scopes: scopesOf(asked.scopes ?? DEFAULT_SCOPES),
    expiresAt: endOf(asked.expiresAt, now),
  };
}

function nameOf(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (!isPlainText(name, MAX_NAME)) {
    throw invalid(
      `a credential's name is 1 to ${MAX_NAME} characters, none of them a control character`,
    );
  }
  return name;
}

function scopesOf(asked: readonly string[]): Scope[] {
  const scopes = SCOPES.filter((scope) => asked.includes(scope));
  const isKnown = asked.every((scope) => (SCOPES as readonly string[]).includes(scope));
  if (!isKnown || scopes.length === 0) throw invalid(`scopes are: ${SCOPES.join(', ')}`);
  return scopes;
}

function endOf(expiresAt: Date | undefined, now: Date): Date | null {
  if (expiresAt === undefined) return null;
  if (!(expiresAt.getTime() > now.getTime())) {
    throw invalid('a credential expires at a time to come');
  }
  return expiresAt;
}

function invalid(message: string): DomainError {
  return new DomainError('credential/invalid', message);
}
