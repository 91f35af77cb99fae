import { type Admin, type Kafka } from 'kafkajs';
import { RETRY } from './kafka-client.js';
import { isMissingTopic } from './kafka-errors.js';

// Some 0.3 s, so that another client can still answer in time.
const FEW_TRIES = { ...RETRY, retries: 2 };

/**
 * Asks the brokers what is where. kafkajs asks them about every topic that a client has ever been asked about, and fails
 * at anything once one of those is gone: then another client takes over.
 */
export class KafkaAdmin {
  private current?: Promise<Admin>;

  constructor(private readonly kafka: Kafka) {}

  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = this.client();
    try {
      return await question(await asked);
    } catch (error) {
      if (!isMissingTopic(error)) throw error;
      if (this.current === asked) await this.close();
      return question(await this.client());
    }
  }

  async close(): Promise<void> {
    const ending = this.current;
    this.current = undefined;
    await ending?.then((admin) => admin.disconnect());
  }

  private client(): Promise<Admin> {
    if (this.current) return this.current;
    const opening = this.open();
    // The next one to ask tries anew.
    opening.catch(() => this.current === opening && (this.current = undefined));
    return (this.current = opening);
  }

  private async open(): Promise<Admin> {
    const admin = this.kafka.admin({ retry: FEW_TRIES });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect();
      throw error;
    }
  }
}
