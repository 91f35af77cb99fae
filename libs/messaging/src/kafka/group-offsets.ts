import { type Admin } from 'kafkajs';
import { type GroupMove } from '../bus.js';

/** Where a group is, by topic and partition (`placeOf`); partitions of which it has committed nothing are left out. */
export async function committedOffsets(
  admin: Admin,
  group: string,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const known = await readCommitted(admin, group, topics);
  return new Map(known.map((one) => [placeOf(one.topic, one.partition), one.offset]));
}

/** Where a group is on one topic, by partition. */
export async function committedOn(
  admin: Admin,
  group: string,
  topic: string,
): Promise<Map<number, number>> {
  const known = await readCommitted(admin, group, [topic]);
  return new Map(known.map(({ partition, offset }) => [partition, offset]));
}

async function readCommitted(admin: Admin, group: string, topics: readonly string[]) {
  if (topics.length === 0) return [];
  const known = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  return known
    .flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
    )
    .filter(({ offset }) => offset >= 0);
}

/** Moves the committed offset of a group that is at `at`; answers what is in the way, else null. */
export async function moveGroup(
  admin: Admin,
  { group, topic, partition, at, to }: GroupMove,
): Promise<string | null> {
  const { groups } = await admin.describeGroups([group]);
  if (groups.some(({ members }) => members.length > 0)) return `${group} has running members`;
  const committed = (await committedOn(admin, group, topic)).get(partition) ?? at;
  if (committed !== at) return `${group} is at ${committed} of ${topic}/${partition}, not at ${at}`;
  const partitions = [{ partition, offset: String(to) }];
  await admin.setOffsets({ groupId: group, topic, partitions });
  return null;
}

/** One partition of one topic. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
