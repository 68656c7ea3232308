/* protocol.c - error codes and small messages of the protocol */
#include "sim/broker/protocol.h"

#include <string.h>

static const struct error_kind {
	enum kafka_error code;
	bool retriable;
	const char *name, *class, *text;
} errors[] = {
	{ KAFKA_NONE, false, "NONE", "", "" },
	{ KAFKA_OFFSET_OUT_OF_RANGE, false, "OFFSET_OUT_OF_RANGE",
	  "OffsetOutOfRangeException",
	  "The requested offset is not within the range of offsets maintained by the server." },
	{ KAFKA_CORRUPT_MESSAGE, true, "CORRUPT_MESSAGE",
	  "CorruptRecordException",
	  "This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt." },
	{ KAFKA_UNKNOWN_TOPIC_OR_PARTITION, true, "UNKNOWN_TOPIC_OR_PARTITION",
	  "UnknownTopicOrPartitionException",
	  "This server does not host this topic-partition." },
	{ KAFKA_LEADER_NOT_AVAILABLE, true, "LEADER_NOT_AVAILABLE",
	  "LeaderNotAvailableException",
	  "There is no leader for this topic-partition as we are in the middle of a leadership election." },
	{ KAFKA_NOT_LEADER_OR_FOLLOWER, true, "NOT_LEADER_OR_FOLLOWER",
	  "NotLeaderOrFollowerException",
	  "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition." },
	{ KAFKA_REQUEST_TIMED_OUT, true, "REQUEST_TIMED_OUT",
	  "TimeoutException", "The request timed out." },
	{ KAFKA_MESSAGE_TOO_LARGE, false, "MESSAGE_TOO_LARGE",
	  "RecordTooLargeException",
	  "The request included a message larger than the max message size the server will accept." },
	{ KAFKA_NETWORK_EXCEPTION, true, "NETWORK_EXCEPTION",
	  "NetworkException",
	  "The server disconnected before a response was received." },
	{ KAFKA_COORDINATOR_LOAD_IN_PROGRESS, true, "COORDINATOR_LOAD_IN_PROGRESS",
	  "CoordinatorLoadInProgressException",
	  "The coordinator is loading and hence can't process requests." },
	{ KAFKA_COORDINATOR_NOT_AVAILABLE, true, "COORDINATOR_NOT_AVAILABLE",
	  "CoordinatorNotAvailableException", "The coordinator is not available." },
	{ KAFKA_NOT_COORDINATOR, true, "NOT_COORDINATOR",
	  "NotCoordinatorException", "This is not the correct coordinator." },
	{ KAFKA_INVALID_TOPIC, false, "INVALID_TOPIC_EXCEPTION",
	  "InvalidTopicException",
	  "The request attempted to perform an operation on an invalid topic." },
	{ KAFKA_INVALID_TIMESTAMP, false, "INVALID_TIMESTAMP",
	  "InvalidTimestampException",
	  "The timestamp of the message is out of acceptable range." },
	{ KAFKA_NOT_ENOUGH_REPLICAS, true, "NOT_ENOUGH_REPLICAS",
	  "NotEnoughReplicasException",
	  "Messages are rejected since there are fewer in-sync replicas than required." },
	{ KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND, true,
	  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
	  "NotEnoughReplicasAfterAppendException",
	  "Messages are written to the log, but to fewer in-sync replicas than required." },
	{ KAFKA_ILLEGAL_GENERATION, false, "ILLEGAL_GENERATION",
	  "IllegalGenerationException",
	  "Specified group generation id is not valid." },
	{ KAFKA_INCONSISTENT_GROUP_PROTOCOL, false, "INCONSISTENT_GROUP_PROTOCOL",
	  "InconsistentGroupProtocolException",
	  "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list." },
	{ KAFKA_UNKNOWN_MEMBER_ID, false, "UNKNOWN_MEMBER_ID",
	  "UnknownMemberIdException", "The coordinator is not aware of this member." },
	{ KAFKA_REBALANCE_IN_PROGRESS, false, "REBALANCE_IN_PROGRESS",
	  "RebalanceInProgressException",
	  "The group is rebalancing, so a rejoin is needed." },
	{ KAFKA_TOPIC_ALREADY_EXISTS, false, "TOPIC_ALREADY_EXISTS",
	  "TopicExistsException", "Topic with this name already exists." },
	{ KAFKA_INVALID_PARTITIONS, false, "INVALID_PARTITIONS",
	  "InvalidPartitionsException", "Number of partitions is below 1." },
	{ KAFKA_INVALID_REPLICATION_FACTOR, false, "INVALID_REPLICATION_FACTOR",
	  "InvalidReplicationFactorException",
	  "Replication factor is below 1 or larger than the number of available brokers." },
	{ KAFKA_INVALID_REPLICA_ASSIGNMENT, false, "INVALID_REPLICA_ASSIGNMENT",
	  "InvalidReplicaAssignmentException", "Replica assignment is invalid." },
	{ KAFKA_INVALID_CONFIG, false, "INVALID_CONFIG",
	  "InvalidConfigurationException", "Configuration is invalid." },
	{ KAFKA_NOT_CONTROLLER, true, "NOT_CONTROLLER",
	  "NotControllerException",
	  "This is not the correct controller for this cluster." },
	{ KAFKA_INVALID_REQUEST, false, "INVALID_REQUEST",
	  "InvalidRequestException",
	  "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details." },
	{ KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER, false,
	  "OUT_OF_ORDER_SEQUENCE_NUMBER", "OutOfOrderSequenceException",
	  "The broker received an out of order sequence number." },
	{ KAFKA_DUPLICATE_SEQUENCE_NUMBER, false, "DUPLICATE_SEQUENCE_NUMBER",
	  "DuplicateSequenceException",
	  "The broker received a duplicate sequence number." },
	{ KAFKA_INVALID_PRODUCER_EPOCH, false, "INVALID_PRODUCER_EPOCH",
	  "InvalidProducerEpochException",
	  "Producer attempted to produce with an old epoch." },
	{ KAFKA_INVALID_TXN_STATE, false, "INVALID_TXN_STATE",
	  "InvalidTxnStateException",
	  "The producer attempted a transactional operation in an invalid state." },
	{ KAFKA_INVALID_PRODUCER_ID_MAPPING, false, "INVALID_PRODUCER_ID_MAPPING",
	  "InvalidPidMappingException",
	  "The producer attempted to use a producer id which is not currently assigned to its transactional id." },
	{ KAFKA_INVALID_TRANSACTION_TIMEOUT, false, "INVALID_TRANSACTION_TIMEOUT",
	  "InvalidTxnTimeoutException",
	  "The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms)." },
	{ KAFKA_CONCURRENT_TRANSACTIONS, true, "CONCURRENT_TRANSACTIONS",
	  "ConcurrentTransactionsException",
	  "The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing." },
	{ KAFKA_TRANSACTION_COORDINATOR_FENCED, false,
	  "TRANSACTION_COORDINATOR_FENCED", "TransactionCoordinatorFencedException",
	  "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer." },
	{ KAFKA_UNSTABLE_OFFSET_COMMIT, true, "UNSTABLE_OFFSET_COMMIT",
	  "UnstableOffsetCommitException",
	  "There are unstable offsets that need to be cleared." },
	{ KAFKA_PRODUCER_FENCED, false, "PRODUCER_FENCED",
	  "ProducerFencedException",
	  "There is a newer producer with the same transactionalId which fences the current one." },
	{ KAFKA_TRANSACTIONAL_ID_NOT_FOUND, false, "TRANSACTIONAL_ID_NOT_FOUND",
	  "TransactionalIdNotFoundException",
	  "The transactionalId could not be found." },
	{ KAFKA_TRANSACTION_ABORTABLE, false, "TRANSACTION_ABORTABLE",
	  "TransactionAbortableException",
	  "The server encountered an error with the transaction. The client can abort the transaction to continue using this transactional ID." },
	{ KAFKA_UNKNOWN_PRODUCER_ID, false, "UNKNOWN_PRODUCER_ID",
	  "UnknownProducerIdException",
	  "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception." },
	{ KAFKA_STORAGE_ERROR, true, "KAFKA_STORAGE_ERROR",
	  "KafkaStorageException",
	  "Disk error when trying to access log file on the disk." },
	{ KAFKA_FETCH_SESSION_ID_NOT_FOUND, true, "FETCH_SESSION_ID_NOT_FOUND",
	  "FetchSessionIdNotFoundException", "The fetch session ID was not found." },
	{ KAFKA_GROUP_ID_NOT_FOUND, false, "GROUP_ID_NOT_FOUND",
	  "GroupIdNotFoundException", "The group id does not exist." },
	{ KAFKA_NON_EMPTY_GROUP, false, "NON_EMPTY_GROUP",
	  "GroupNotEmptyException", "The group is not empty." },
	{ KAFKA_FENCED_LEADER_EPOCH, true, "FENCED_LEADER_EPOCH",
	  "FencedLeaderEpochException",
	  "The leader epoch in the request is older than the epoch on the broker." },
	{ KAFKA_UNKNOWN_LEADER_EPOCH, true, "UNKNOWN_LEADER_EPOCH",
	  "UnknownLeaderEpochException",
	  "The leader epoch in the request is newer than the epoch on the broker." },
	{ KAFKA_INVALID_SESSION_TIMEOUT, false, "INVALID_SESSION_TIMEOUT",
	  "InvalidSessionTimeoutException",
	  "The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms)." },
	{ KAFKA_GROUP_MAX_SIZE_REACHED, false, "GROUP_MAX_SIZE_REACHED",
	  "GroupMaxSizeReachedException",
	  "The consumer group has reached its max size." },
	{ KAFKA_GROUP_SUBSCRIBED_TO_TOPIC, false, "GROUP_SUBSCRIBED_TO_TOPIC",
	  "GroupSubscribedToTopicException",
	  "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it." },
	{ KAFKA_UNSUPPORTED_VERSION, false, "UNSUPPORTED_VERSION",
	  "UnsupportedVersionException",
	  "The version of API is not supported." },
	{ KAFKA_FENCED_MEMBER_EPOCH, false, "FENCED_MEMBER_EPOCH",
	  "FencedMemberEpochException",
	  "The member epoch is fenced by the group coordinator. The member must abandon all its partitions and rejoin." },
	{ KAFKA_UNRELEASED_INSTANCE_ID, false, "UNRELEASED_INSTANCE_ID",
	  "UnreleasedInstanceIdException",
	  "The instance ID is still used by another member in the consumer group. That member must leave first." },
	{ KAFKA_STALE_MEMBER_EPOCH, false, "STALE_MEMBER_EPOCH",
	  "StaleMemberEpochException",
	  "The member epoch is stale. The member must retry after receiving its updated member epoch via the ConsumerGroupHeartbeat API." },
	{ KAFKA_MEMBER_ID_REQUIRED, false, "MEMBER_ID_REQUIRED",
	  "MemberIdRequiredException",
	  "The group member needs to have a valid member id before actually entering a consumer group." },
	{ KAFKA_PREFERRED_LEADER_NOT_AVAILABLE, true,
	  "PREFERRED_LEADER_NOT_AVAILABLE", "PreferredLeaderNotAvailableException",
	  "The preferred leader was not available." },
	{ KAFKA_FENCED_INSTANCE_ID, false, "FENCED_INSTANCE_ID",
	  "FencedInstanceIdException",
	  "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id." },
	{ KAFKA_ELIGIBLE_LEADERS_NOT_AVAILABLE, true,
	  "ELIGIBLE_LEADERS_NOT_AVAILABLE", "EligibleLeadersNotAvailableException",
	  "Eligible topic partition leaders are not available." },
	{ KAFKA_ELECTION_NOT_NEEDED, true, "ELECTION_NOT_NEEDED",
	  "ElectionNotNeededException",
	  "Leader election not needed for topic partition." },
};

static const struct error_kind *kind(enum kafka_error e)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].code == e)
			return &errors[i];
	return &errors[0];
}

const char *kafka_error_name(enum kafka_error e)
{
	return kind(e)->name;
}

const char *kafka_error_text(enum kafka_error e)
{
	return kind(e)->text;
}

const char *kafka_error_class(enum kafka_error e)
{
	return kind(e)->class;
}

bool kafka_error_retriable(enum kafka_error e)
{
	return kind(e)->retriable;
}

struct text_message *text_message_new(struct world *w, uint16_t message_kind,
				      uint64_t correlation, const char *text)
{
	size_t len = strlen(text);
	struct text_message *m = message_new(w, sizeof(*m) + len + 1,
					     message_kind);

	m->req.correlation = correlation;
	m->req.head.bytes = (uint32_t)(64 + len);
	m->len = (uint32_t)len;
	memcpy(m->text, text, len + 1);
	return m;
}
