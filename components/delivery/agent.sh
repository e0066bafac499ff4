#!/bin/sh
# Installs the CodeDeploy agent on Amazon Linux 2023, or brings it up to date (CodeDeploy User Guide, "Install the
# CodeDeploy agent for Amazon Linux or RHEL"). It runs as root, one at a time: Systems Manager may come while a new
# instance sets itself up.
set -eu
exec 9>/run/codedeploy-agent-install
flock 9

metadata=http://169.254.169.254/latest
token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "${metadata}/api/token")
region=$(curl -sSf -H "X-aws-ec2-metadata-token: ${token}" "${metadata}/meta-data/placement/region")

dnf install -y ruby
installer=$(mktemp)
trap 'rm -f "${installer}"' EXIT
curl -sSf -o "${installer}" "https://aws-codedeploy-${region}.s3.${region}.amazonaws.com/latest/install"
ruby "${installer}" auto
systemctl is-active codedeploy-agent
