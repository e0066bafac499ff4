#!/bin/bash
# Waits for a minute until the service answers through nginx. If it does not, the deployment fails.
set -euo pipefail

url=${1:-http://127.0.0.1/health}
for _ in {1..30}; do
  if curl -sSf --max-time 2 -o /dev/null "${url}"; then
    exit 0
  fi
  sleep "${PAUSE:-2}"
done
echo "${url} does not answer" >&2
exit 1
