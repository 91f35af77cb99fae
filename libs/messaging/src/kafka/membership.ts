import { type Kafka } from 'kafkajs';
import { endedWithin } from '../bounded.js';
import { type RegisteredTopic } from '../topic-registry.js';
import { GroupMember, type MemberListener } from './group-member.js';
import { type GroupTiming } from './kafka-client.js';

const LOOK_EVERY_MS = 5_000;
const LEFT_WITHIN_MS = 5_000;

/** What a membership needs of its bus. */
export interface MembershipParts {
  readonly kafka: Kafka;
  readonly group: string;
  readonly timing?: GroupTiming;
  /** As Parley made it; throws `UnknownTopicError`. */
  readonly topic: (topic: string) => Promise<RegisteredTopic>;
  /** Those of the topics that the brokers have. */
  readonly existing: (topics: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** Told of what becomes of the membership. */
export interface MembershipListener extends MemberListener {
  /** Only these topics are read from now on; resolves when what is under way of the others is done with. */
  readonly onKept: (topics: ReadonlySet<string>) => Promise<void>;
}

/**
 * A place in a group, with topics that change: a member for each list. kafkajs reads none of a member's topics any more
 * once one of them is gone, so it looks every 5 s which of those that are wanted are there.
 */
export class Membership {
  private member?: GroupMember;
  private wanted: ReadonlySet<string> = new Set();
  private present: ReadonlySet<string> = new Set();
  private changing: Promise<void> = Promise.resolve();
  private looking?: Promise<void>;
  private readonly looks: NodeJS.Timeout;
  private isOver = false;

  constructor(
    private readonly parts: MembershipParts,
    private readonly listener: MembershipListener,
  ) {
    this.looks = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  get current(): GroupMember | undefined {
    return this.member;
  }

  /** One change after the other, in the order of the calls. */
  subscribe(topics: readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      const wanted = new Set(topics);
      for (const topic of wanted) await this.parts.topic(topic);
      await this.change(wanted);
      this.wanted = wanted;
    });
  }

  async end(): Promise<void> {
    this.isOver = true;
    clearInterval(this.looks);
    await this.leave();
  }

  private look(): void {
    if (this.wanted.size === 0) return;
    this.looking ??= this.inTurn(() => this.change(this.wanted))
      // The brokers are away: the next look will tell.
      .catch(() => undefined)
      .finally(() => (this.looking = undefined));
  }

  private inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.changing.then(change);
    this.changing = changed.catch(() => undefined);
    return changed;
  }

  /** The new member is connected before the old one leaves: where that fails, all stays as it is. */
  private async change(wanted: ReadonlySet<string>): Promise<void> {
    const topics = wanted.size > 0 ? await this.parts.existing([...wanted]) : wanted;
    if (this.isOver || areSame(topics, this.present)) return;
    const next = await this.newMember([...topics]);
    await next?.connect();
    this.present = topics;
    await this.listener.onKept(topics);
    await this.leave();
    if (this.isOver) return void (await next?.leave());
    this.member = next;
    await next?.join();
  }

  private async newMember(topics: readonly string[]): Promise<GroupMember | undefined> {
    const { kafka, group, timing } = this.parts;
    const known = await Promise.all(topics.map((topic) => this.parts.topic(topic)));
    if (known.length === 0) return undefined;
    const partitions = known.reduce((sum, one) => sum + one.partitions, 0);
    return new GroupMember(kafka, { group, topics, partitions, timing }, this.listener);
  }

  private async leave(): Promise<void> {
    const { member } = this;
    if (!member) return;
    const left = this.listener.onHandingOver().then(() => member.leave());
    await endedWithin(LEFT_WITHIN_MS, left);
    this.member = undefined;
  }
}

function areSame(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && [...some].every((one) => others.has(one));
}
