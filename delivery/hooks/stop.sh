#!/bin/bash
# Stops the service. There is none to stop at the first deployment.
set -euo pipefail

if systemctl is-active --quiet stagecraft; then
  systemctl stop stagecraft
fi
