const TABLES = [
  `CREATE TABLE receipts (
    command_id uuid NOT NULL,
    decided_on date NOT NULL,
    attempt_id uuid NOT NULL,
    disposition text NOT NULL,
    stream_id uuid,
    stream_version int,
    position bigint,
    content_hash bytea,
    request_hash bytea,
    warnings json,
    problem json,
    created_at timestamptz,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (command_id, decided_on)) PARTITION BY RANGE (decided_on)`,
  'CREATE INDEX receipts_stream ON receipts (stream_id) WHERE stream_id IS NOT NULL',
  `CREATE TABLE applied_offsets (
    bus_id text COLLATE "C",
    incarnation int,
    consumer_group text COLLATE "C",
    topic text COLLATE "C",
    partition int,
    next bigint NOT NULL,
    PRIMARY KEY (bus_id, incarnation, consumer_group, topic, partition)) WITH (fillfactor = 50)`,
  `CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    arrived_at timestamptz NOT NULL,
    version text COLLATE "C",
    door text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    bus_id text COLLATE "C",
    incarnation int,
    topic text COLLATE "C",
    partition int,
    "offset" bigint,
    record_key bytea,
    headers json,
    value bytea,
    agent_id text COLLATE "C",
    conversation_id text COLLATE "C",
    message_id text COLLATE "C",
    stream_id uuid,
    attempts int NOT NULL,
    first_failed_at timestamptz NOT NULL,
    last_failed_at timestamptz NOT NULL,
    UNIQUE (bus_id, incarnation, topic, partition, "offset"))`,
  'CREATE INDEX ON dead_letters (arrived_at)',
  'CREATE INDEX ON dead_letters (conversation_id) WHERE conversation_id IS NOT NULL',
  'CREATE INDEX ON dead_letters (stream_id) WHERE stream_id IS NOT NULL',
  `CREATE TABLE waiting_records (
    id uuid PRIMARY KEY,
    arrived_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    version text COLLATE "C" NOT NULL,
    door text NOT NULL,
    agent_id text COLLATE "C",
    conversation_id text COLLATE "C" NOT NULL,
    message_id text COLLATE "C",
    command json NOT NULL,
    command_id uuid NOT NULL)`,
  'CREATE INDEX ON waiting_records (conversation_id)',
  'CREATE INDEX ON waiting_records (expires_at)',
  'CREATE TABLE active_read_model (version int NOT NULL, built_to bigint NOT NULL)',
  'CREATE UNIQUE INDEX ON active_read_model ((true))',
];

// Statistics are samples of values, and would outlive an erasure.
const NO_STATISTICS = `ALTER TABLE dead_letters ALTER value SET STATISTICS 0, ALTER record_key SET STATISTICS 0`;

const EXTEND_RECEIPTS = `
  CREATE FUNCTION extend_receipts(day date) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    name text;
  BEGIN
    FOR ahead IN 0 .. 1 LOOP
      name := 'receipts_' || to_char(day + ahead, 'YYYYMMDD');
      CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
      EXECUTE format('CREATE TABLE public.%I (LIKE public.receipts INCLUDING DEFAULTS)', name);
      EXECUTE format('ALTER TABLE public.receipts ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, day + ahead, day + ahead + 1);
    END LOOP;
  END $$`;

const DROP_OLD_RECEIPTS = `
  CREATE FUNCTION drop_old_receipts() RETURNS int LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
  DECLARE
    oldest text := 'receipts_' || to_char((now() AT TIME ZONE 'UTC')::date - 7, 'YYYYMMDD');
    name name;
    dropped int := 0;
  BEGIN
    FOR name IN
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'public.receipts'::regclass AND c.relname < oldest
    LOOP
      EXECUTE format('DROP TABLE public.%I', name);
      dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
  END $$`;

/** The ledger. Run as `parley_owner`. */
export const LEDGER_STATEMENTS: readonly string[] = [
  ...TABLES,
  NO_STATISTICS,
  EXTEND_RECEIPTS,
  DROP_OLD_RECEIPTS,
  'REVOKE ALL ON FUNCTION extend_receipts(date), drop_old_receipts() FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION extend_receipts(date), drop_old_receipts() TO parley_app',
  `GRANT SELECT, INSERT, UPDATE, DELETE
    ON receipts, applied_offsets, dead_letters, waiting_records TO parley_app`,
  'GRANT SELECT ON receipts, applied_offsets, dead_letters, waiting_records TO parley_reader',
  'GRANT SELECT ON active_read_model TO parley_app, parley_reader',
];
