#!/bin/bash
# Runs Pulumi for the infrastructure pipeline. PULUMI_COMMAND is preview or up, PULUMI_STACK is the stack and
# PULUMI_BACKEND_URL its backend; DEPLOY_ROLE_ARN is the role to assume. Default: the build's own role.
set -euo pipefail

arguments=(--stack "${PULUMI_STACK}" --non-interactive --diff)
case ${PULUMI_COMMAND} in
  preview) ;;
  up) arguments+=(--yes) ;;
  *)
    echo "PULUMI_COMMAND is ${PULUMI_COMMAND}: it must be preview or up" >&2
    exit 2
    ;;
esac
if [[ -d policy ]]; then
  arguments+=(--policy-pack policy)
fi

# A session of a role that another role assumes lasts an hour at most. A profile is renewed while Pulumi runs, fixed
# credentials are not.
if [[ -n ${DEPLOY_ROLE_ARN:-} ]]; then
  AWS_CONFIG_FILE=$(mktemp)
  trap 'rm -f "${AWS_CONFIG_FILE}"' EXIT
  cat >"${AWS_CONFIG_FILE}" <<END
[profile deploy]
role_arn = ${DEPLOY_ROLE_ARN}
role_session_name = pulumi
credential_source = EcsContainer
END
  export AWS_CONFIG_FILE AWS_PROFILE=deploy
fi

pulumi "${PULUMI_COMMAND}" "${arguments[@]}"
