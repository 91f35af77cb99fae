export { ControlDatabase } from './control/control-database.js';
export type { Credential } from './control/credential.entity.js';
export type { Tenant } from './control/tenant.entity.js';
export {
  type Coordinates,
  type RawRecord,
  UnroutableRecords,
} from './control/unroutable-records.js';
export { Credentials, type IssuedCredential } from './credentials/credentials.js';
export type { NewCredential } from './credentials/new-credential.js';
export {
  CREDENTIAL_KINDS,
  type CredentialKind,
  type Principal,
  type Scope,
  SCOPES,
} from './credentials/principal.js';
export { TenantDatabases, type TenantDatabasesOptions } from './databases/tenant-databases.js';
export { type Installation, openInstallation } from './installation/installation.js';
export {
  installationSettings,
  type InstallationSettings,
} from './installation/installation-settings.js';
export { provision, type ProvisionOptions } from './provisioning/provision.js';
export { busUrl, type ServerAccess } from './provisioning/role-url.js';
export type { TenantRole } from './provisioning/roles.js';
export { Tenants } from './tenants/tenants.js';
