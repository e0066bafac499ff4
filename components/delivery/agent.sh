#!/bin/sh
# Installs the CodeDeploy agent on Amazon Linux 2023, or brings it up to date (CodeDeploy User Guide, "Install the
# CodeDeploy agent for Amazon Linux or RHEL"), and has a new server run the last release. It runs as root, one at a time:
# Systems Manager may come while a new instance sets itself up.
set -eu
root=${ROOT:-}
exec 9>"${root}/run/codedeploy-agent-install"
flock 9

metadata=http://169.254.169.254/latest
token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "${metadata}/api/token")
about() { curl -sSf -H "X-aws-ec2-metadata-token: ${token}" "${metadata}/meta-data/$1"; }
region=$(about placement/region)

dnf install -y ruby
installer=$(mktemp)
trap 'rm -f "${installer}"' EXIT
curl -sSf -o "${installer}" "https://aws-codedeploy-${region}.s3.${region}.amazonaws.com/latest/install"
ruby "${installer}" auto
systemctl is-active codedeploy-agent

# CodeDeploy brings a release to the servers that are there, and to those that come in a group that it knows. Others that
# come later get the last release here, before they serve. What began here and failed begins again.
begun="${root}/opt/codedeploy-agent/first-release"
if [ -e "${root}/opt/stagecraft" ] && [ ! -e "${begun}" ]; then
  exit 0
fi
ask() {
  answer=$(aws deploy "$@" --region "${region}" --output text 2>&1) && return
  case ${answer} in
    *DoesNotExistException*) exit 0 ;; # the stack is only being made
    *) echo "${answer}" >&2 && exit 1 ;;
  esac
}
ask get-deployment-group --deployment-group-name instances \
  --application-name "$(about tags/instance/Project)-$(about tags/instance/Stack)" --query 'deploymentGroupInfo.[
    deploymentGroupId, lastSuccessfulDeployment.deploymentId, autoScalingGroups[0].name]'
# shellcheck disable=SC2086 # three words, None for what is not there
set -- ${answer}
if [ "$2" = None ]; then
  exit 0
fi
# A server beside the group that CodeDeploy knows is in none, and its metadata tell of none.
if [ "$3" != None ] && about autoscaling/target-lifecycle-state >/dev/null 2>&1; then
  exit 0
fi
group=$1
ask get-deployment --deployment-id "$2" --query 'deploymentInfo.revision.s3Location.[bucket, key, bundleType]'
# shellcheck disable=SC2086
set -- ${answer}

# Nothing else is deployed meanwhile: the agent waits.
systemctl stop codedeploy-agent
touch "${begun}"
failed=0
"${root}/opt/codedeploy-agent/bin/codedeploy-local" --bundle-location "s3://$1/$2" --type "$3" \
  --deployment-group "${group}" || failed=$?
systemctl start codedeploy-agent
if [ "${failed}" -eq 0 ]; then
  rm "${begun}"
fi
exit "${failed}"
