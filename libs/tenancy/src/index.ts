export { auditInstallation } from './control/audit-installation.js';
export { ControlDatabase } from './control/control-database.js';
export type { Credential } from './control/credential.entity.js';
export type { Partner } from './control/partner.entity.js';
export type { Tenant } from './control/tenant.entity.js';
export { UnroutableRecords } from './control/unroutable-records.js';
export { Credentials, type IssuedCredential } from './credentials/credentials.js';
export type { NewCredential } from './credentials/new-credential.js';
export {
  type CredentialKind,
  type Principal,
  type Scope,
  SCOPES,
} from './credentials/principal.js';
export { TenantDatabases, type TenantDatabasesOptions } from './databases/tenant-databases.js';
export { redriveDeadLetters, type RedriveRequest } from './dead-letters/redrive-dead-letters.js';
export { Freshness, type FreshnessParts } from './freshness/freshness.js';
export {
  type DoorFreshness,
  type Lag,
  type LogFreshness,
  type PartitionFreshness,
  type TenantFreshness,
} from './freshness/freshness.document.js';
export {
  type BusSettings,
  type Installation,
  openBus,
  openInstallation,
  type ServiceIdentity,
} from './installation/installation.js';
export {
  installationSettings,
  type InstallationSettings,
  listenSettings,
} from './installation/installation-settings.js';
export {
  countParked,
  type Parked,
  type ParkedCount,
  ParkedRecords,
  type ParkingPlace,
  type SkippedRange,
  type SkipOutcome,
} from './parking/parked-records.js';
export { ensurePartnerTopic } from './partners/partner-topic.js';
export { type PartnerOfTenant, Partners } from './partners/partners.js';
export { prepareServer, type PreparedServer } from './installation/prepare-server.js';
export { provision, type ProvisionOptions } from './provisioning/provision.js';
export { databaseUrl } from './provisioning/role-url.js';
export { Tenants } from './tenants/tenants.js';
