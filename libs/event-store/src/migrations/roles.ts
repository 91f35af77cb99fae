const ROLES = ['parley_owner', 'parley_app', 'parley_reader', 'parley_eraser'];

// Roles belong to the whole server, so another database's migration may make them at the same time.
const createRole = (role: string) => `
  DO $do$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      CREATE ROLE ${role} NOLOGIN;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $do$`;

// An administrator who is no superuser has to belong to a role to hand objects over to it.
const JOIN = `
  DO $do$ BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      GRANT parley_owner, parley_eraser TO CURRENT_USER;
    END IF;
  END $do$`;

/** Makes the group roles of the server where they are missing, and lets them use this database's schema. */
export const ROLE_STATEMENTS: readonly string[] = [
  ...ROLES.map(createRole),
  JOIN,
  'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
  `GRANT USAGE ON SCHEMA public TO ${ROLES.join(', ')}`,
  'GRANT CREATE ON SCHEMA public TO parley_owner',
];
