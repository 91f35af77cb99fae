import Fastify from 'fastify';
import pg from 'pg';

/** What a single durable POST costs at least: a bare Fastify route that inserts the same row, committed one by one. */
const [databaseUrl] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 });
await pool.query(
  'CREATE TABLE IF NOT EXISTS bare_messages (conversation_id text, message_id text, body json, PRIMARY KEY (conversation_id, message_id))',
);
const app = Fastify();
app.post<{ Body: { conversation_id: string; message_id: string } }>('/', async ({ body }) => {
  await pool.query('INSERT INTO bare_messages VALUES ($1, $2, $3)', [
    body.conversation_id,
    body.message_id,
    JSON.stringify(body),
  ]);
  return { ...body, status: 'success' };
});
process.stdout.write(`listening at ${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
process.on('SIGTERM', () => void app.close().then(() => pool.end()));
