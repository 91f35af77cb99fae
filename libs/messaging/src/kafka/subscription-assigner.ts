import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const NAME = 'ParleySubscriptionAssigner';
const VERSION = 1;

/**
 * Shares out each topic among the members that asked for it. kafkajs's own assigner deals the leader's topics to all
 * members, so that a group whose members consume different topics would leave partitions unread.
 */
export const subscriptionAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: VERSION,
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: AssignerProtocol.MemberMetadata.encode({
      version: VERSION,
      topics: [...topics],
      userData: Buffer.alloc(0),
    }),
  }),
  assign: async ({ members }) => {
    const membersOf = new Map<string, string[]>();
    const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    for (const { memberId, memberMetadata } of sorted) {
      const topics = AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [];
      for (const topic of topics) membersOf.set(topic, [...(membersOf.get(topic) ?? []), memberId]);
    }
    const topics = [...membersOf.keys()];
    await (cluster as unknown as Metadata).addMultipleTargetTopics(topics);
    const shares = new Map<string, Record<string, number[]>>();
    for (const { memberId } of sorted) shares.set(memberId, {});
    for (const [topic, candidates] of membersOf) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const share = shares.get(candidates[partitionId % candidates.length]!)!;
        (share[topic] ??= []).push(partitionId);
      }
    }
    return [...shares].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }));
  },
});

/** Part of kafkajs's cluster that its types leave out: the leader has to know topics that only others consume. */
interface Metadata {
  addMultipleTargetTopics(topics: string[]): Promise<void>;
}
