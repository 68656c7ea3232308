-- The words the lessons use, each in one or two exact sentences.
-- `also`: other spellings one may meet; `see`: other terms of this file.
-- Defaults are those of Kafka 3.9 unless a sentence says otherwise.
return {
  format_version = 1,

  terms = {
    { term = "acks", also = { "acknowledgement", "ack" },
      text = "The producer setting that says whose answer it waits for: 0 \z
        nobody's, 1 the leader's, all that of every replica in sync at that \z
        moment. Default all.",
      see = { "ISR", "min.insync.replicas" } },
    { term = "at least once", also = { "at-least-once" },
      text = "A promise that a record is not lost but may arrive more than \z
        once. Retrying until an ack comes gives it.",
      see = { "idempotent", "at most once" } },
    { term = "at most once", also = { "at-most-once" },
      text = "A promise that a record never arrives twice but may not \z
        arrive at all. Writing without retries, or committing before the \z
        work, gives it.",
      see = { "at least once" } },
    { term = "backlog", also = {},
      text = "Work that has arrived and is not yet done. For a consumer \z
        group it is the sum of lag over its partitions.",
      see = { "lag" } },
    { term = "batch", also = { "record batch" },
      text = "Records of one partition that a producer sends, and the \z
        broker stores, as one unit. It is sent when it holds batch.size \z
        bytes (16384) or has waited linger.ms.",
      see = { "linger", "producer" } },
    { term = "bootstrap server", also = { "bootstrap.servers" },
      text = "An address at which a client asks for the list of brokers, \z
        once. Afterwards it uses the addresses the brokers advertise, which \z
        may be different.",
      see = { "listener", "metadata" } },
    { term = "broker", also = {},
      text = "A server process that stores partitions and answers \z
        producers, consumers and other brokers.",
      see = { "controller", "partition" } },
    { term = "commit (offset)", also = { "offset commit",
      "committed offset" },
      text = "Storing a group's position in a partition, so that a \z
        restarted member goes on from there. It says what will be read \z
        next, not what was done.",
      see = { "offset", "position" } },
    { term = "committed record", also = { "committed" },
      text = "A record below the high watermark: every in-sync replica has \z
        it, and consumers may read it.",
      see = { "high watermark", "ISR" } },
    { term = "compaction", also = { "log compaction",
      "cleanup.policy=compact" },
      text = "Thinning a log so that at least the last record of each key \z
        remains. It never touches the active segment.",
      see = { "tombstone", "retention", "segment" } },
    { term = "consumer", also = {},
      text = "A client that reads records by asking brokers for what \z
        follows its position.",
      see = { "consumer group", "position" } },
    { term = "consumer group", also = { "group" },
      text = "Consumers under one name that divide the partitions of their \z
        topics: each partition has one owner in the group. Different groups \z
        do not affect each other's reading.",
      see = { "rebalance", "group coordinator" } },
    { term = "controlled shutdown", also = {},
      text = "A stop in which the broker first has its leaders moved away, \z
        so that clients see a short redirection instead of a gap.",
      see = { "leader", "fencing" } },
    { term = "controller", also = { "active controller" },
      text = "The process that decides which brokers are alive, who leads \z
        which partition, and which topics exist. In KRaft mode several form \z
        a quorum and one is active.",
      see = { "KRaft", "quorum" } },
    { term = "delivery timeout", also = { "delivery.timeout.ms" },
      text = "How long a producer may keep a record, waiting and retrying, \z
        before it reports failure: 120000 ms from the making of its batch.",
      see = { "retry", "batch" } },
    { term = "election", also = { "leader election", "preferred election" },
      text = "The choice of a partition's next leader: the first replica in \z
        assignment order that is alive and in sync. A preferred election \z
        gives leadership back to the first in that order.",
      see = { "leader", "unclean election" } },
    { term = "end offset", also = { "log end offset", "LEO" },
      text = "The offset the next record of a log will get, so the number \z
        one above the last record. Each replica has its own.",
      see = { "high watermark", "offset" } },
    { term = "event time", also = {},
      text = "The time at which something happened, as the event itself \z
        says. It may be wrong when the clock that set it is.",
      see = { "timestamp" } },
    { term = "exactly once", also = { "exactly-once", "EOS" },
      text = "A promise that the effect of a record appears one time. Kafka \z
        gives it from topic to topic with transactions; beyond Kafka the \z
        receiving side must tolerate repeats.",
      see = { "idempotent", "transaction" } },
    { term = "fan-out", also = {},
      text = "How many times each byte that comes in is sent out: once for \z
        each further replica and once for each reading group.",
      see = { "replication factor", "consumer group" } },
    { term = "fencing", also = { "fenced" },
      text = "Barring a process from acting because others believe it gone. \z
        A broker without a heartbeat for broker.session.timeout.ms (9000) \z
        is fenced: it may lead nothing and is in no ISR.",
      see = { "heartbeat", "session timeout", "ISR" } },
    { term = "fidelity card", also = { "fidelity" },
      text = "The page that says what a part of the simulator models, with \z
        which real defaults, and where the real system differs." },
    { term = "follower", also = {},
      text = "A replica that copies the leader's log by asking for what \z
        comes next. Its request tells the leader how far it is.",
      see = { "leader", "ISR" } },
    { term = "group coordinator", also = { "coordinator" },
      text = "The broker that keeps a group's members and committed \z
        offsets: the leader of one partition of __consumer_offsets, chosen \z
        by a hash of the group's name.",
      see = { "consumer group", "commit (offset)" } },
    { term = "header", also = { "record header" },
      text = "A name and bytes beside key and value of a record, such as \z
        traceparent or the reason why it is in quarantine. A record may \z
        have several, also of one name.",
      see = { "quarantine" } },
    { term = "heartbeat", also = {},
      text = "A small regular message that says its sender lives. Brokers \z
        send one to the controller every 2000 ms, group members one to \z
        their coordinator every 3000 ms.",
      see = { "session timeout", "fencing" } },
    { term = "high watermark", also = { "HW" },
      text = "The offset below which every in-sync replica has the log: the \z
        smallest end offset among them. Consumers are given only what lies \z
        below it.",
      see = { "end offset", "ISR", "committed record" } },
    { term = "idempotent", also = { "idempotence", "idempotent producer",
      "enable.idempotence" },
      text = "Of an operation: done twice, it has the effect of once. An \z
        idempotent producer numbers its batches so that the leader drops \z
        repeats and keeps their order.",
      see = { "retry", "at least once" } },
    { term = "in flight", also = { "max.in.flight.requests.per.connection" },
      text = "Sent and not yet answered. A producer keeps up to 5 requests \z
        in flight per broker; without idempotence more than 1 allows a \z
        retry to change the order.",
      see = { "retry", "idempotent" } },
    { term = "ISR", also = { "in-sync replicas", "in-sync set" },
      text = "The replicas of a partition, leader included, that reached \z
        the leader's end within the last replica.lag.time.max.ms (30000). \z
        They are whom acks=all waits for and from whom a leader is elected.",
      see = { "high watermark", "min.insync.replicas", "under-replicated" } },
    { term = "key", also = { "record key" },
      text = "The part of a record that chooses its partition: equal keys \z
        go to the same partition while the number of partitions stays. It \z
        is also what compaction goes by.",
      see = { "partition", "compaction" } },
    { term = "KRaft", also = {},
      text = "The mode in which Kafka's controllers keep the cluster's \z
        metadata in their own replicated log. It takes the place of \z
        ZooKeeper, which 4.0 no longer supports.",
      see = { "controller", "quorum", "metadata" } },
    { term = "lag", also = { "consumer lag" },
      text = "How far a group is behind in a partition: end offset minus \z
        committed offset, in records. A falling lag can also mean that \z
        unread records were deleted.",
      see = { "end offset", "commit (offset)", "retention" } },
    { term = "leader", also = { "partition leader" },
      text = "The replica of a partition that takes writes and, by default, \z
        serves reads. There is at most one valid leader at a time.",
      see = { "follower", "election", "leader epoch" } },
    { term = "leader epoch", also = {},
      text = "A number that grows with each new leader of a partition and \z
        is stored with the records. By it a returning replica finds where \z
        its log departs from the leader's and cuts it there.",
      see = { "leader", "truncation" } },
    { term = "linger", also = { "linger.ms" },
      text = "How long a producer waits for more records before it sends a \z
        batch that is not full. 0 in Kafka 3.9, 5 ms from 4.0.",
      see = { "batch" } },
    { term = "listener", also = { "advertised.listeners" },
      text = "An address on which a broker accepts connections. The \z
        advertised form is what it tells clients to use; it must be \z
        reachable from where they stand.",
      see = { "bootstrap server" } },
    { term = "log", also = { "commit log" },
      text = "A sequence of records that grows at its end only; each record \z
        has a fixed offset and is not changed in place.",
      see = { "offset", "partition", "segment" } },
    { term = "max.poll.interval.ms", also = { "poll timeout",
      "poll interval" },
      text = "How long a group member may take between two calls of poll \z
        (300000 ms). One that takes longer leaves its group by itself, \z
        though its heartbeats go on.",
      see = { "session timeout", "rebalance" } },
    { term = "metadata", also = {},
      text = "What a client or broker knows of the cluster: brokers, \z
        topics, partitions, leaders. Clients refresh it on certain errors \z
        and every 300000 ms.",
      see = { "leader", "controller" } },
    { term = "min.insync.replicas", also = { "min ISR" },
      text = "The smallest ISR with which a partition accepts writes with \z
        acks=all; below it they are refused. Default 1. It has no say over \z
        acks=0 and acks=1, and is capped by the number of replicas.",
      see = { "acks", "ISR" } },
    { term = "MQTT", also = {},
      text = "A protocol by which devices send small messages through a \z
        broker, with three levels of delivery. Its PUBACK speaks for the \z
        next hop only.",
      see = { "QoS" } },
    { term = "offset", also = {},
      text = "The number of a record within its partition, given once and \z
        never reused. It orders records of one partition and says nothing \z
        across partitions.",
      see = { "partition", "position", "end offset" } },
    { term = "page cache", also = {},
      text = "Memory in which the operating system keeps file contents. \z
        Kafka writes to it and leaves the flush to disk to the system; \z
        recent records are read from it." },
    { term = "partition", also = {},
      text = "One log of a topic, kept on one or more brokers. It is the \z
        unit of order, of parallel reading and of replication.",
      see = { "topic", "replica", "key" } },
    { term = "partitioner", also = {},
      text = "The rule by which a producer chooses a partition. By default: \z
        murmur2 of the key modulo the number of partitions; without a key, \z
        one partition for about a batch, then another.",
      see = { "key", "batch" } },
    { term = "poison record", also = { "poison pill" },
      text = "A record that makes its reader fail every time, so that a \z
        program which retries forever never passes it.",
      see = { "quarantine" } },
    { term = "position", also = {},
      text = "The offset of the next record a consumer will ask for. It \z
        moves with reading; the committed offset moves only with a commit.",
      see = { "offset", "commit (offset)" } },
    { term = "producer", also = {},
      text = "A client that writes records: it chooses partitions, gathers \z
        batches, sends them to leaders and tries again when that fails.",
      see = { "acks", "batch", "retry" } },
    { term = "QoS", also = { "quality of service" },
      text = "MQTT's delivery level for one hop: 0 at most once, 1 at least \z
        once, 2 exactly once, with four packets.",
      see = { "MQTT" } },
    { term = "quarantine", also = { "dead letter queue", "DLQ" },
      text = "A place for records that could not be used, kept with their \z
        raw bytes and the reason, so that they are counted and can be \z
        mended.",
      see = { "poison record" } },
    { term = "quorum", also = { "majority" },
      text = "More than half of the voters. Of 3 controllers 1 may be lost, \z
        of 5 two; partition data goes by the ISR instead.",
      see = { "controller", "ISR" } },
    { term = "rack", also = { "broker.rack", "zone" },
      text = "A label for what fails together, such as a zone. Replicas of \z
        new topics are spread over racks when brokers carry the label.",
      see = { "replica" } },
    { term = "rebalance", also = {},
      text = "A new division of partitions among the members of a group, \z
        after one came, left or fell silent. Under the eager protocol all \z
        members stop meanwhile.",
      see = { "consumer group", "session timeout" } },
    { term = "replica", also = {},
      text = "One copy of a partition on one broker: its leader or a \z
        follower.",
      see = { "leader", "follower", "replication factor" } },
    { term = "replication factor", also = { "RF" },
      text = "The number of replicas of each partition of a topic. It \z
        multiplies disk and bounds how many brokers may be lost.",
      see = { "replica", "min.insync.replicas" } },
    { term = "retention", also = { "log.retention.hours", "retention.ms" },
      text = "How long, or up to which size, records are kept: 168 hours \z
        and no size limit by default. It removes whole closed segments, by \z
        the newest timestamp in each.",
      see = { "segment", "compaction" } },
    { term = "retry", also = { "retries" },
      text = "Sending again what was not acknowledged. Since a lost answer \z
        looks like a lost request, it may write twice unless the producer \z
        is idempotent.",
      see = { "idempotent", "delivery timeout" } },
    { term = "segment", also = {},
      text = "One file of a partition's log; only the last, the active one, \z
        is written. It closes at 1 GiB or after 168 hours by default.",
      see = { "log", "retention" } },
    { term = "session timeout", also = { "session.timeout.ms" },
      text = "How long silence is allowed before a process counts as gone: \z
        45000 ms for a group member, 9000 ms for a broker in KRaft mode.",
      see = { "heartbeat", "fencing" } },
    { term = "timestamp", also = { "CreateTime", "LogAppendTime" },
      text = "A record's time in ms, set by the sender (CreateTime, the \z
        default) or by the leader on arrival (LogAppendTime). Unlike \z
        offsets it need not rise.",
      see = { "event time", "retention" } },
    { term = "tombstone", also = {},
      text = "A record with a key and no value. In a compacted topic it \z
        says that the key is gone, and it is itself removed later.",
      see = { "compaction", "key" } },
    { term = "topic", also = {},
      text = "A named set of partitions with common settings.",
      see = { "partition" } },
    { term = "transaction", also = {},
      text = "A set of writes to several partitions, and of offset commits, \z
        that readers at read_committed see all together or not at all.",
      see = { "exactly once" } },
    { term = "truncation", also = {},
      text = "Cutting the end off a replica's log because the leader's log \z
        goes another way. Done by leader epoch; records cut were not \z
        committed, unless the election was unclean.",
      see = { "leader epoch", "unclean election" } },
    { term = "unclean election", also = { "unclean.leader.election.enable" },
      text = "Making a replica leader that is not in sync, because none \z
        that is lives. It ends an outage at the price of acknowledged \z
        records. Default off.",
      see = { "election", "truncation" } },
    { term = "under-replicated", also = { "URP",
      "under-replicated partition" },
      text = "Of a partition: its ISR is smaller than its replica list. \z
        Look for the replica that many such partitions lack, not at the \z
        leaders that report them.",
      see = { "ISR", "replica" } },
    { term = "upsert", also = {},
      text = "Insert the row, or update it if its key exists. Repeating it \z
        does no harm, which makes at-least-once reading safe.",
      see = { "idempotent", "at least once" } },
  },
}
