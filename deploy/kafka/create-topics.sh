#!/bin/bash
# Makes Weir's topics; those that exist stay as they are. Called by docker-compose.yml with BOOTSTRAP=host:port.
set -euo pipefail

create() {
  local topic=$1 partitions=$2
  shift 2
  local settings=()
  for setting in "$@"; do settings+=(--config "$setting"); done
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --create --if-not-exists \
    --topic "$topic" --partitions "$partitions" --replication-factor 1 "${settings[@]}"
}

days=86400000
create weir.events 12 retention.ms=$((40 * days)) max.message.bytes=1048576
create weir.labels 12 retention.ms=$((40 * days))
create weir.alerts 12 retention.ms=$((40 * days))
create weir.late 3 retention.ms=$((40 * days))
create weir.dead-letters 3 retention.ms=$((90 * days))
# The order in which the engine took the events; as old as the oldest checkpoint that may be restored.
create weir.order 1 retention.ms=$((40 * days))
create weir.rules 1 cleanup.policy=compact
