#!/bin/bash
# Installs the Pulumi CLI in the version of the SDK that the program uses.
set -euo pipefail

version=$(go list -m -f '{{.Version}}' github.com/pulumi/pulumi/sdk/v3)
installer=$(mktemp)
trap 'rm -f "${installer}"' EXIT
curl -sSfL -o "${installer}" https://get.pulumi.com
bash "${installer}" --version "${version#v}"
