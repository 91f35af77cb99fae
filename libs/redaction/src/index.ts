export { DEFAULT_POLICY, readPolicy, type RedactionPolicy } from './policy.js';
export { policyIn, RedactionPolicies, setPolicy, type StoredPolicy } from './redaction-policies.js';
export { type RedactedCommand, Redactor } from './redactor.js';
