/** What a credential may be used for. */
export const SCOPES = ['ingest', 'read', 'chat', 'admin'] as const;

/** One of `SCOPES`. */
export type Scope = (typeof SCOPES)[number];

/** The kinds of credential that can be made. */
export const CREDENTIAL_KINDS = ['api-key'] as const;

/** One of `CREDENTIAL_KINDS`. */
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Who asks: the tenant comes from here and from nowhere else. */
export interface Principal {
  readonly tenantId: string;
  readonly credentialId: string;
  readonly kind: CredentialKind;
  readonly scopes: readonly Scope[];
}
