/* metric_help.c - what a metric means, in a sentence
 *
 * Names are those the real exporters use (the JMX exporter's usual rules for
 * Kafka, node_exporter, Prometheus itself), so that what is learned here holds
 * there.
 */
#include "lab/metric_help.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *help;
} helps[] = {
	{ "app_records_processed_total",
	  "Records an application has finished its work on." },
	{ "cloud_cost_dollars_total",
	  "What was spent since the run began, by item of the bill and machine: "
	  "list prices of AWS. Its rate times 86400 is dollars a day." },
	{ "container_cpu_cfs_periods_total",
	  "Periods of 100 ms in which this container ran under a CPU limit." },
	{ "container_cpu_cfs_throttled_periods_total",
	  "Periods in which it had used up its limit and had to wait for the "
	  "next one. Above a quarter of all periods: the limit is too tight, "
	  "whatever its average use of CPU." },
	{ "container_cpu_cfs_throttled_seconds_total",
	  "Time its threads stood still because the limit was used up, summed "
	  "over cores." },
	{ "gateway_readings_dropped_total",
	  "Readings made while the gateway was down: nobody took them, and they "
	  "are lost." },
	{ "gateway_readings_total", "Readings the gateway took from devices." },
	{ "ingest_devices_out", "Devices that cannot publish now." },
	{ "ingest_fidelity_partitions",
	  "Partitions by how closely they are simulated: record, window, or "
	  "counts (figures are then estimates)." },
	{ "ingest_latency_seconds",
	  "From reading to stored, of all records seen one by one. At level "
	  "counts nothing is added: see ingest_tracer_latency_seconds." },
	{ "ingest_partition_backlog_records",
	  "Records that wait in a partition's queue or are being stored." },
	{ "ingest_readings_dropped_total",
	  "Readings lost at the edge: their device could not publish and kept "
	  "nothing." },
	{ "ingest_readings_held",
	  "Readings kept on devices that cannot publish. They come as a burst." },
	{ "ingest_readings_produced_total", "Readings made by the devices." },
	{ "ingest_records_stored_total", "Records this node has stored." },
	{ "ingest_tracer_latency_seconds",
	  "From reading to stored, of one record in a thousand that is followed "
	  "through. An estimate: mind its count." },
	{ "kafka_consumer_rebalance_total",
	  "Rebalances this consumer took part in. A steady rise means that its "
	  "group never settles." },
	{ "kafka_consumer_records_consumed_total",
	  "Records this consumer was handed by poll." },
	{ "kafka_consumer_records_lag",
	  "Records between this consumer's position and the end of the "
	  "partition. Rising: it reads slower than others write." },
	{ "kafka_controller_controllerstats_uncleanleaderelections_total",
	  "Leaders elected that were not in sync. Each one may have lost "
	  "acknowledged records." },
	{ "kafka_controller_kafkacontroller_activebrokercount",
	  "Brokers that the controllers count in: registered and not fenced." },
	{ "kafka_controller_kafkacontroller_activecontrollercount",
	  "1 on the active controller, 0 on the others. A sum of 0 over all "
	  "means that nobody decides anything." },
	{ "kafka_controller_kafkacontroller_fencedbrokercount",
	  "Brokers that are counted out: no heartbeat for 9 s, or not caught "
	  "up yet." },
	{ "kafka_controller_kafkacontroller_globalpartitioncount",
	  "Partitions of all topics." },
	{ "kafka_controller_kafkacontroller_globaltopiccount",
	  "Topics, internal ones too." },
	{ "kafka_controller_kafkacontroller_lastappliedrecordlagms",
	  "Age of the last metadata record this controller has applied; 0 on "
	  "the active one. Above a second: the quorum stands still." },
	{ "kafka_controller_kafkacontroller_lastappliedrecordoffset",
	  "Offset of the last metadata record this controller has applied." },
	{ "kafka_controller_kafkacontroller_newactivecontrollerscount",
	  "Times this controller became the active one." },
	{ "kafka_controller_kafkacontroller_offlinepartitionscount",
	  "Partitions without a leader: nobody can write or read them." },
	{ "kafka_controller_kafkacontroller_preferredreplicaimbalancecount",
	  "Partitions that their first replica does not lead." },
	{ "kafka_controller_kafkacontroller_timedoutbrokerheartbeatcount",
	  "Broker sessions that ended without a heartbeat." },
	{ "kafka_log_log_logendoffset",
	  "The offset the next record of this replica gets." },
	{ "kafka_log_log_size", "Bytes of this replica on disk." },
	{ "kafka_log_logcleaner_deadthreadcount",
	  "Log cleaner threads that have died: above 0, compacted topics only "
	  "grow until the broker is restarted." },
	{ "kafka_log_logcleanermanager_max_dirty_percent",
	  "The dirty part of the filthiest compacted log. Above 50 it is cleaned "
	  "next." },
	{ "kafka_log_logcleanermanager_uncleanable_partitions_count",
	  "Compacted logs the cleaner has given up." },
	{ "kafka_log_logmanager_logdirectoryoffline",
	  "1: this log directory has failed, and nothing in it is served." },
	{ "kafka_log_logmanager_offlinelogdirectorycount",
	  "Log directories of this broker that have failed. It goes on with "
	  "the others." },
	{ "kafka_log_logmanager_remaininglogstorecover",
	  "Logs a starting broker has still to read after an unclean stop." },
	{ "kafka_network_requestmetrics_requests_total",
	  "Requests a broker has taken, by kind." },
	{ "kafka_network_requestmetrics_totaltime_seconds",
	  "From a request's arrival to its answer. With acks=all it holds the "
	  "wait for the followers." },
	{ "kafka_producer_record_error_total",
	  "Records this producer gave up on. They were not written, or not "
	  "known to be." },
	{ "kafka_producer_record_retry_total",
	  "Records sent again after an error that may pass." },
	{ "kafka_producer_record_send_total",
	  "Records this producer sent." },
	{ "kafka_server_brokermetadatametrics_last_applied_record_lag_ms",
	  "Age of the last metadata record this broker has applied. It is "
	  "below a second while there is an active controller, which writes "
	  "one each half second." },
	{ "kafka_server_brokertopicmetrics_bytesin_total",
	  "Bytes producers wrote to this broker as leader." },
	{ "kafka_server_brokertopicmetrics_bytesout_total",
	  "Bytes consumers read from this broker." },
	{ "kafka_server_brokertopicmetrics_failedproducerequests_total",
	  "Produce requests answered with an error." },
	{ "kafka_server_brokertopicmetrics_messagesin_total",
	  "Records producers wrote to this broker as leader." },
	{ "kafka_server_brokertopicmetrics_reassignmentbytesin_total",
	  "Bytes this broker fetched of replicas that are being moved to it." },
	{ "kafka_server_brokertopicmetrics_replicationbytesout_total",
	  "Bytes followers read from this broker." },
	{ "kafka_server_fetchsessioncache_numincrementalfetchsessions",
	  "Readers that keep a fetch session with this broker: consumers and "
	  "followers." },
	{ "kafka_server_followerreplication_byte_rate",
	  "Bytes a second this broker fetches of throttled replicas: never far "
	  "above follower.replication.throttled.rate." },
	{ "kafka_server_leaderreplication_byte_rate",
	  "Bytes a second this broker sends of throttled replicas: never far "
	  "above leader.replication.throttled.rate." },
	{ "kafka_server_raftmetrics_commit_latency_avg",
	  "Milliseconds from appending to the metadata log until a majority "
	  "had it." },
	{ "kafka_server_raftmetrics_current_epoch",
	  "Epoch of the quorum; each election makes it larger." },
	{ "kafka_server_raftmetrics_current_leader",
	  "Node id of the active controller as this node knows it; -1: it "
	  "knows none." },
	{ "kafka_server_raftmetrics_current_state",
	  "Part in the quorum: 0 unattached, 1 voted, 2 candidate, 3 leader, "
	  "4 follower, 5 resigned, 6 observer." },
	{ "kafka_server_raftmetrics_current_vote",
	  "Node id this voter has voted for in the epoch; -1: nobody." },
	{ "kafka_server_raftmetrics_election_latency_avg",
	  "Milliseconds that the last election took which this node won." },
	{ "kafka_server_raftmetrics_high_watermark",
	  "Metadata records below this offset are committed." },
	{ "kafka_server_raftmetrics_log_end_offset",
	  "Offset the next metadata record of this copy gets." },
	{ "kafka_server_replicamanager_isrexpands_total",
	  "Times a replica came back into an in-sync set." },
	{ "kafka_server_replicamanager_isrshrinks_total",
	  "Times a replica was dropped from an in-sync set. One replica that "
	  "is common to all of them is the slow one." },
	{ "kafka_server_replicamanager_leadercount",
	  "Partitions this broker leads." },
	{ "kafka_server_replicamanager_offlinereplicacount",
	  "Replicas on this broker whose disk has failed." },
	{ "kafka_server_replicamanager_partitioncount",
	  "Replicas this broker holds, leaders and followers." },
	{ "kafka_server_replicamanager_partitionswithlatetransactionscount",
	  "Partitions on this broker with a transaction open that should long "
	  "have been ended: readers of committed records stand still." },
	{ "kafka_server_replicamanager_reassigningpartitions",
	  "Partitions this broker leads that are being moved." },
	{ "kafka_server_replicamanager_underminisrpartitioncount",
	  "Partitions led here with fewer replicas in sync than "
	  "min.insync.replicas. Writes with acks=all to them fail." },
	{ "kafka_server_replicamanager_underreplicatedpartitions",
	  "Partitions led here with a replica out of sync. 0 when all is "
	  "well." },
	{ "node_boot_time_seconds", "When this machine started, Unix time." },
	{ "node_cpu_seconds_total",
	  "CPU time by core and mode. 1 minus the rate of idle is how busy it "
	  "is; steal is what the hypervisor gave to others." },
	{ "node_disk_io_time_seconds_total",
	  "Time the disk was busy. A rate near 1 means that it has no time "
	  "left." },
	{ "node_disk_io_time_weighted_seconds_total",
	  "Time requests spent at the disk, waiting and served, added up. Its "
	  "rate is how many were there at a time." },
	{ "node_disk_read_bytes_total",
	  "Bytes read from the disk. What the page cache answers is not in "
	  "it." },
	{ "node_disk_reads_completed_total", "Read requests the disk has done." },
	{ "node_disk_writes_completed_total",
	  "Write requests the disk has done." },
	{ "node_disk_written_bytes_total",
	  "Bytes written to the disk, some 30 s after a process wrote them." },
	{ "node_filesystem_avail_bytes", "Bytes an ordinary process may still "
	  "write." },
	{ "node_filesystem_free_bytes", "Bytes free on the file system." },
	{ "node_filesystem_size_bytes", "Size of the file system." },
	{ "node_load1",
	  "Threads that run or wait for a core, averaged over about 1 minute. "
	  "More than there are cores: some wait." },
	{ "node_load15",
	  "Threads that run or wait for a core, averaged over about 15 "
	  "minutes." },
	{ "node_load5",
	  "Threads that run or wait for a core, averaged over about 5 "
	  "minutes." },
	{ "node_memory_Cached_bytes",
	  "The page cache: what files keep in memory. It is given back when "
	  "programs ask for it." },
	{ "node_memory_Dirty_bytes",
	  "Written by programs, not yet on the disk: lost with the power." },
	{ "node_memory_MemAvailable_bytes",
	  "Memory that could be given to programs without swapping." },
	{ "node_memory_MemFree_bytes",
	  "Memory nobody uses, not even the page cache. Little of it is no "
	  "bad sign." },
	{ "node_memory_MemTotal_bytes", "Memory of the machine." },
	{ "node_netstat_Tcp_RetransSegs",
	  "Segments that TCP has sent again: the network loses some, or somebody "
	  "does not answer." },
	{ "node_network_receive_bytes_total", "Bytes received by the card." },
	{ "node_network_receive_drop_total",
	  "Packets that were lost on their way to this machine." },
	{ "node_network_speed_bytes",
	  "What the card can carry, bytes a second in each direction." },
	{ "node_network_transmit_bytes_total", "Bytes sent by the card." },
	{ "node_schedstat_running_seconds_total",
	  "Time a core has run threads." },
	{ "node_schedstat_timeslices_total",
	  "Times a thread was put on a core." },
	{ "node_schedstat_waiting_seconds_total",
	  "Time threads that could run have waited for a core. A rate of 1: at "
	  "any moment one waits." },
	{ "node_time_seconds", "The machine's own clock, Unix time." },
	{ "node_timex_offset_seconds",
	  "How far the clock was off when NTP last measured it, what has been "
	  "corrected since taken off." },
	{ "node_timex_sync_status",
	  "1 while NTP keeps the clock right, 0 when nobody does." },
	{ "node_total_hourly_cost",
	  "What this machine and its volumes cost an hour, used or not." },
	{ "node_vmstat_oom_kill",
	  "Processes the kernel has killed for want of memory." },
	{ "process_cpu_seconds_total", "CPU time this process has used." },
	{ "process_resident_memory_bytes", "Memory this process holds." },
	{ "process_start_time_seconds",
	  "When this process started, Unix time. A change is a restart." },
	{ "prometheus_target_scrapes_sample_duplicate_timestamp_total",
	  "Samples dropped because the series had another value at that "
	  "time." },
	{ "prometheus_target_scrapes_sample_out_of_order_total",
	  "Samples dropped because a newer one of the series was there." },
	{ "prometheus_tsdb_head_samples_appended_total",
	  "Samples this Prometheus has stored." },
	{ "prometheus_tsdb_head_series",
	  "Series in memory. It grows with every new set of label values." },
	{ "resilience4j_bulkhead_available_concurrent_calls",
	  "Places of a bulkhead that are free: 0 means that calls wait or are "
	  "turned away." },
	{ "resilience4j_bulkhead_max_allowed_concurrent_calls",
	  "Places of a bulkhead." },
	{ "resilience4j_circuitbreaker_buffered_calls",
	  "Calls in the window of a circuit breaker, by how they ended." },
	{ "resilience4j_circuitbreaker_calls_seconds_count",
	  "Calls that a circuit breaker let through, by how they ended." },
	{ "resilience4j_circuitbreaker_calls_seconds_sum",
	  "Time these calls took, summed." },
	{ "resilience4j_circuitbreaker_failure_rate",
	  "Per cent of the window that failed; -1 while there are too few "
	  "calls to judge." },
	{ "resilience4j_circuitbreaker_not_permitted_calls_total",
	  "Calls a circuit breaker turned away." },
	{ "resilience4j_circuitbreaker_slow_call_rate",
	  "Per cent of the window that was slow; -1 while there are too few "
	  "calls to judge." },
	{ "resilience4j_circuitbreaker_slow_calls",
	  "Slow calls in the window of a circuit breaker." },
	{ "resilience4j_circuitbreaker_state",
	  "1 for the state a circuit breaker is in, 0 for the others." },
	{ "resilience4j_ratelimiter_available_permissions",
	  "Calls a rate limiter would let through now; below zero, so many "
	  "are promised to those who wait." },
	{ "resilience4j_ratelimiter_waiting_threads",
	  "Calls that wait for a rate limiter." },
	{ "resilience4j_retry_calls_total",
	  "Calls by whether they ended well and needed more than one "
	  "attempt." },
	{ "resilience4j_timelimiter_calls_total",
	  "Attempts by whether they ended well, failed, or took too long." },
	{ "scrape_duration_seconds", "How long the last scrape took." },
	{ "scrape_samples_scraped", "Samples the target exposed." },
	{ "up", "1: the last scrape of the target worked; 0: it did not." },
};

const char *metric_help(const char *name)
{
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
		if (strcmp(helps[i].name, name) == 0)
			return helps[i].help;
	return NULL;
}
