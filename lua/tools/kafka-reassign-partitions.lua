-- kafka-reassign-partitions.lua - see lua/lib/tools: also run inside containers (docker exec)
return use "tools/kafka-reassign-partitions"
