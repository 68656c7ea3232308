-- kafka-transactions.lua - see lua/lib/tools: also run inside containers (docker exec)
return use "tools/kafka-transactions"
