import { type Admin } from 'kafkajs';

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

function isCommitted([, offset]: readonly [unknown, number]): boolean {
  return offset >= 0;
}

/** One partition of one topic. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
