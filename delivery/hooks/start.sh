#!/bin/bash
# Starts the service, now and at every boot, and makes nginx forward requests to it.
set -euo pipefail

systemctl daemon-reload
systemctl enable stagecraft
systemctl restart stagecraft
nginx -t
systemctl reload-or-restart nginx
