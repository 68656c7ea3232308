-- ping.lua - see lua/lib/tools: also run inside containers (docker exec)
return use "tools/ping"
