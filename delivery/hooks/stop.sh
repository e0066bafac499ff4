#!/bin/bash
# Stops the service. At the first deployment no service runs yet.
set -euo pipefail

if systemctl is-active --quiet stagecraft; then
  systemctl stop stagecraft
fi
