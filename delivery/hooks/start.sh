#!/bin/bash
# Starts the service, at every boot too, and has nginx hand requests on to it.
set -euo pipefail

systemctl daemon-reload
systemctl enable stagecraft
systemctl restart stagecraft
nginx -t
systemctl reload-or-restart nginx
