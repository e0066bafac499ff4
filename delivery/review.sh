#!/bin/bash
# Reviews what the project would do to each of its stacks as the project in another folder deploys them, such as the base
# of a pull request, and writes it to bin/review.md. Fails if data is at risk or an update is refused.
set -uo pipefail

base=$1
status=0
: >bin/review.md
for file in Pulumi.*.yaml; do
  stack=${file#Pulumi.}
  bin/stagecraft diff --base "${base}" --format markdown "${stack%.yaml}" "${file}" >>bin/review.md || status=$?
done
exit "${status}"
