import { type Admin } from 'kafkajs';
import { type GroupMove } from '../bus.js';

/** Where a group is, by topic and partition (`placeOf`); partitions of which it has committed nothing are left out. */
export async function committedOffsets(
  admin: Admin,
  group: string,
  topics: readonly string[],
): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map();
  const known = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  const places = known.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => [placeOf(topic, partition), Number(offset)] as const),
  );
  return new Map(places.filter(isCommitted));
}

/** Where a group is on one topic, by partition. */
export async function committedOn(
  admin: Admin,
  group: string,
  topic: string,
): Promise<Map<number, number>> {
  const known = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const places = known.flatMap(({ partitions }) =>
    partitions.map(({ partition, offset }) => [partition, Number(offset)] as const),
  );
  return new Map(places.filter(isCommitted));
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

function isCommitted([, offset]: readonly [unknown, number]): boolean {
  return offset >= 0;
}

/** One partition of one topic. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
