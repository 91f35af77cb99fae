import { readRecorded } from '../checker/recorded.js';
import { ApiClient, requestOf } from '../load/client.js';
import { openPartner } from '../load/partner.js';
import { type Stage } from '../stage.js';
import { type Services } from '../world/services.js';
import { type ProvenTenant } from '../world/world.js';

const CONVERSATION = 'redriven';
const AGENT = 'support_bot';
const HEADER = requestOf({ conversation: CONVERSATION, message: null, content: '' }).body;
const MESSAGE = requestOf({ conversation: CONVERSATION, message: 'm', content: 'late' }).body;

interface Letter {
  readonly id: string;
  readonly attempts: number;
}

/** A partner's message that becomes a dead letter by our own fault, and is redriven after the repair. */
export class RedrivenLetter {
  private redriven = 0;

  private constructor(
    private readonly stage: Stage,
    private readonly tenant: ProvenTenant,
    private readonly topic: string,
  ) {}

  /** For a tenant of its own; called before services start. */
  static async open(stage: Stage): Promise<RedrivenLetter> {
    const tenant = await stage.tenant();
    return new RedrivenLetter(stage, tenant, await openPartner(stage.world, tenant));
  }

  /** Redrives it in vain while the fault is there, then twice before anyone can take either request, then once more. */
  async redrive({ urls, ingestions }: Services): Promise<void> {
    const ask = (id: string) => this.ask(urls[0]!, id);
    await this.publish(HEADER);
    await this.stage.until('the conversation', async () => (await this.recorded()) === 1);
    const repair = await this.breakLog();
    await this.publish(MESSAGE);
    const { id, attempts } = await this.untilLetter(1);
    await ask(id);
    await this.untilLetter(attempts + 1);
    await repair();
    await Promise.all(ingestions.map((service) => service.end('SIGTERM')));
    await Promise.all([ask(id), ask(id)]);
    await Promise.all(ingestions.map((service) => service.start()));
    await this.stage.until('the end of the letter', async () => !(await this.letter()));
    await ask(id);
  }

  /** How often a redrive was accepted, rows of the message beyond the one, and letters that are left. */
  async count() {
    const letters = (await this.letter()) ? 1 : 0;
    const redrive_extra = (await this.recorded()) - 2;
    return { redriven: this.redriven, redrive_extra, letters };
  }

  /** From now on nothing can be appended, until what is answered is called. */
  private async breakLog(): Promise<() => Promise<unknown>> {
    const alter = (change: string) =>
      this.stage.world.postgres.query(this.tenant.id, `ALTER TABLE conversation_events ${change}`);
    await alter('ADD CONSTRAINT broken CHECK (false) NOT VALID');
    return () => alter('DROP CONSTRAINT broken');
  }

  private publish(record: object): Promise<unknown> {
    const value = Buffer.from(JSON.stringify({ ...record, agent: AGENT }));
    return this.stage.world.installation.bus.publish(this.topic, [
      { key: CONVERSATION, value, headers: {} },
    ]);
  }

  private async ask(url: string, id: string): Promise<void> {
    const path = `dead-letters/${id}/redrive`;
    const { status } = await new ApiClient(this.tenant.key).post(url, path, {});
    if (status === 202) this.redriven += 1;
  }

  private async untilLetter(attempts: number): Promise<Letter> {
    let letter: Letter | undefined;
    await this.stage.until('the letter', async () => {
      letter = await this.letter();
      return letter !== undefined && letter.attempts >= attempts;
    });
    return letter!;
  }

  private async letter(): Promise<Letter | undefined> {
    const { rows } = await this.tenant.pool.query<Letter>('SELECT id, attempts FROM dead_letters');
    return rows[0];
  }

  private async recorded(): Promise<number> {
    return (await readRecorded(this.tenant.pool)).length;
  }
}
