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
	{ "gateway_readings_dropped_total",
	  "Readings made while the gateway was down: nobody took them, and they "
	  "are lost." },
	{ "gateway_readings_total", "Readings the gateway took from devices." },
	{ "kafka_consumer_rebalance_total",
	  "Rebalances this consumer took part in. A steady rise means that its "
	  "group never settles." },
	{ "kafka_consumer_records_consumed_total",
	  "Records this consumer was handed by poll." },
	{ "kafka_consumer_records_lag",
	  "Records between this consumer's position and the end of the "
	  "partition. Rising: it reads slower than others write." },
	{ "kafka_controller_ControllerStats_UncleanLeaderElections_total",
	  "Leaders elected that were not in sync. Each one may have lost "
	  "acknowledged records." },
	{ "kafka_controller_KafkaController_Value",
	  "What the controller counts; 1 active controller is right, 0 means "
	  "that nobody leads the cluster." },
	{ "kafka_log_log_logendoffset",
	  "The offset the next record of this replica gets." },
	{ "kafka_log_log_size", "Bytes of this replica on disk." },
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
	{ "kafka_server_brokertopicmetrics_bytesin_total",
	  "Bytes producers wrote to this broker as leader." },
	{ "kafka_server_brokertopicmetrics_bytesout_total",
	  "Bytes consumers read from this broker." },
	{ "kafka_server_brokertopicmetrics_failedproducerequests_total",
	  "Produce requests answered with an error." },
	{ "kafka_server_brokertopicmetrics_messagesin_total",
	  "Records producers wrote to this broker as leader." },
	{ "kafka_server_fetchsessioncache_numincrementalfetchsessions",
	  "Readers that keep a fetch session with this broker: consumers and "
	  "followers." },
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
	{ "kafka_server_replicamanager_underminisrpartitioncount",
	  "Partitions led here with fewer replicas in sync than "
	  "min.insync.replicas. Writes with acks=all to them fail." },
	{ "kafka_server_replicamanager_underreplicatedpartitions",
	  "Partitions led here with a replica out of sync. 0 when all is "
	  "well." },
	{ "node_boot_time_seconds", "When this machine started, Unix time." },
	{ "node_cpu_seconds_total",
	  "CPU time by core and mode. 1 minus the rate of idle is how busy it "
	  "is." },
	{ "node_disk_io_time_seconds_total",
	  "Time the disk was busy. A rate near 1 means that it has no time "
	  "left." },
	{ "node_disk_written_bytes_total", "Bytes written to the disk." },
	{ "node_filesystem_avail_bytes", "Bytes an ordinary process may still "
	  "write." },
	{ "node_filesystem_free_bytes", "Bytes free on the file system." },
	{ "node_filesystem_size_bytes", "Size of the file system." },
	{ "node_memory_MemAvailable_bytes",
	  "Memory that could be given to programs without swapping." },
	{ "node_memory_MemFree_bytes", "Memory nobody uses." },
	{ "node_memory_MemTotal_bytes", "Memory of the machine." },
	{ "node_network_receive_bytes_total", "Bytes received by the card." },
	{ "node_network_transmit_bytes_total", "Bytes sent by the card." },
	{ "node_time_seconds", "The machine's own clock, Unix time." },
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
