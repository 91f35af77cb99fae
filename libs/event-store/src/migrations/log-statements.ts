import { STREAM_VERSION_KEY } from '../errors.js';

const TABLES = [
  `CREATE TABLE log_identity (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    log_id uuid NOT NULL,
    log_epoch int NOT NULL,
    digest_key bytea NOT NULL)`,
  `CREATE TABLE conversation_events (
    position bigint PRIMARY KEY,
    stream_id uuid NOT NULL,
    stream_version int NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    payload_digest bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT ${STREAM_VERSION_KEY} UNIQUE (stream_id, stream_version))`,
  `CREATE INDEX conversation_events_covering_facts ON conversation_events (stream_id)
    WHERE type = 'ConversationDeleted'`,
  `CREATE TABLE event_payloads (
    position bigint PRIMARY KEY,
    subject uuid NOT NULL,
    salt bytea NOT NULL,
    body bytea NOT NULL,
    content_hash bytea,
    source bytea NOT NULL) PARTITION BY RANGE (position)`,
];

// Statistics are samples of values, and would outlive an erasure.
const NO_STATISTICS = `ALTER TABLE event_payloads
  ALTER body SET STATISTICS 0, ALTER source SET STATISTICS 0, ALTER content_hash SET STATISTICS 0`;

const REFUSE_CHANGE = `
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  BEGIN
    RAISE EXCEPTION '% on % is refused: the log is append-only', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END $$`;

const ALLOW_COVERED_ERASURE = `
  CREATE FUNCTION allow_covered_erasure() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog SET enable_seqscan = off AS $$
  BEGIN
    IF current_user = 'parley_eraser' AND EXISTS (
      SELECT FROM public.conversation_events e JOIN public.conversation_events fact
        ON fact.stream_id = e.stream_id AND fact.type = 'ConversationDeleted'
      WHERE e.position = OLD.position AND fact.position <> e.position)
    THEN RETURN OLD;
    END IF;
    RAISE EXCEPTION 'DELETE on event_payloads is refused: no fact in the log covers it'
      USING ERRCODE = 'insufficient_privilege';
  END $$`;

const guard = (table: string, name: string, events: string, action: string) => [
  `CREATE TRIGGER ${name} BEFORE ${events} ON ${table} FOR EACH ${action}()`,
  `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${name}`,
];

const REFUSE = 'STATEMENT EXECUTE FUNCTION refuse_change';
const CHECK_FACT = 'ROW EXECUTE FUNCTION allow_covered_erasure';
const GUARDS = [
  ...guard('conversation_events', 'append_only', 'UPDATE OR DELETE OR TRUNCATE', REFUSE),
  ...guard('event_payloads', 'append_only', 'UPDATE OR TRUNCATE', REFUSE),
  ...guard('event_payloads', 'covered_erasure', 'DELETE', CHECK_FACT),
];

// Attaching takes a weaker lock than CREATE … PARTITION OF: readers go on. Statement triggers are not inherited.
const EXTEND_PAYLOADS = `
  CREATE FUNCTION extend_payloads(upto bigint) RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    width constant bigint := 10000000;
    wanted bigint := (upto - 1) / width + 1;
    name text;
  BEGIN
    FOR n IN greatest(1, wanted - 1) .. wanted LOOP
      name := 'event_payloads_' || lpad(n::text, 6, '0');
      CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
      EXECUTE format('CREATE TABLE public.%I (LIKE public.event_payloads INCLUDING DEFAULTS)', name);
      -- Statistics are samples of values, and would outlive an erasure.
      EXECUTE format('ALTER TABLE public.%I ALTER body SET STATISTICS 0, ALTER source SET STATISTICS 0, '
        'ALTER content_hash SET STATISTICS 0', name);
      EXECUTE format('ALTER TABLE public.event_payloads ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)',
        name, (n - 1) * width + 1, n * width + 1);
      EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON public.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', name);
      EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER append_only', name);
      EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER covered_erasure', name);
    END LOOP;
    RETURN wanted * width;
  END $$`;

/** The log: its tables, and what keeps them append-only even for their owner. Run as `parley_owner`. */
export const LOG_STATEMENTS: readonly string[] = [
  ...TABLES,
  NO_STATISTICS,
  REFUSE_CHANGE,
  ALLOW_COVERED_ERASURE,
  ...GUARDS,
  EXTEND_PAYLOADS,
  'SELECT extend_payloads(1)',
  'REVOKE ALL ON FUNCTION extend_payloads(bigint) FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION extend_payloads(bigint) TO parley_app',
  'GRANT SELECT, INSERT ON conversation_events, event_payloads TO parley_app',
  'GRANT SELECT ON log_identity TO parley_app',
  'GRANT SELECT ON conversation_events, event_payloads TO parley_reader, parley_eraser',
  'GRANT SELECT (log_id, log_epoch) ON log_identity TO parley_reader',
  'GRANT DELETE ON event_payloads TO parley_eraser',
];

/** The one way to erase payloads. Run as `parley_eraser`, whose right it lends to the runtime role. */
export const ERASER_STATEMENTS: readonly string[] = [
  `CREATE FUNCTION erase_stream(stream uuid) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
    DECLARE
      erased bigint;
    BEGIN
      DELETE FROM public.event_payloads p USING public.conversation_events e
        WHERE e.stream_id = stream AND e.type <> 'ConversationDeleted' AND p.position = e.position;
      GET DIAGNOSTICS erased = ROW_COUNT;
      RETURN erased;
    END $$`,
  'REVOKE ALL ON FUNCTION erase_stream(uuid) FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION erase_stream(uuid) TO parley_app',
];
