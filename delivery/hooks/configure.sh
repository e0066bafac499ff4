#!/bin/bash
# Writes the service's environment: every parameter below /PROJECT/STACK/service, named by the last part of its path. None
# of them is secret: the service reads secrets itself.
set -euo pipefail

file=${1:-/etc/stagecraft/service.env}

metadata=http://169.254.169.254/latest
token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "${metadata}/api/token")
about() { curl -sSf -H "X-aws-ec2-metadata-token: ${token}" "${metadata}/meta-data/$1"; }

AWS_REGION=$(about placement/region)
export AWS_REGION
path="/$(about tags/instance/Project)/$(about tags/instance/Stack)/service"
parameters=$(aws ssm get-parameters-by-path --region "${AWS_REGION}" --path "${path}" \
  --query 'Parameters[].[Name,Value]' --output text)

mkdir -p "$(dirname "${file}")"
{
  echo "AWS_REGION=${AWS_REGION}"
  while IFS=$'\t' read -r name value; do
    if [[ -n ${name} ]]; then
      echo "${name##*/}=${value}"
    fi
  done <<<"${parameters}"
} >"${file}.new"
mv "${file}.new" "${file}"
