-- kafka-log-dirs.lua - see lua/lib/tools: also run inside containers (docker exec)
return use "tools/kafka-log-dirs"
