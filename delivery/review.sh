#!/bin/bash
# Reviews what this project would change in each stack that the project in another folder has deployed, such as the base
# of a pull request, and writes it to bin/review.md. A stack that the other project does not have is previewed only.
# Fails if data is at risk, an update is rejected, or a preview fails.
set -uo pipefail

base=$1
status=0
: >bin/review.md
for file in Pulumi.*.yaml; do
  stack=${file#Pulumi.}
  stack=${stack%.yaml}
  if [[ -f ${base}/${file} ]]; then
    report=$(bin/stagecraft diff --base "${base}" --format markdown "${stack}" "${file}") || status=$?
    printf '%s\n\n' "${report:-## ${stack}: the review failed, and the log says why}" >>bin/review.md
  else
    # Pulumi reports failures of the preview on the standard output.
    preview=$(bin/stagecraft preview --stack "${stack}") || status=$?
    # shellcheck disable=SC2016 # backquotes of Markdown
    printf '## %s (new stack)\n\n```text\n%s\n```\n\n' "${stack}" "${preview}" >>bin/review.md
  fi
done
exit "${status}"
