#!/bin/bash
# Pushes the image "service" to the repository of each service, and writes the image definitions file of each service
# (CodePipeline User Guide, "Image definitions file reference"). SERVICES holds NAME,CONTAINER,REPOSITORY of each service,
# separated by spaces; the commit is the tag.
set -euo pipefail

read -ra services <<<"${SERVICES}"
for service in "${services[@]}"; do
  IFS=, read -r name container repository <<<"${service}"
  image="${repository}:${CODEBUILD_RESOLVED_SOURCE_VERSION}"
  registry="${repository%%/*}"
  if [[ ${registry} != "${login:-}" ]]; then
    aws ecr get-login-password | docker login --username AWS --password-stdin "${registry}"
    login=${registry}
  fi
  # A commit that is released again has its image already, and its tag must not move.
  if ! docker manifest inspect "${image}" >/dev/null 2>&1; then
    docker tag service "${image}"
    docker push --quiet "${image}"
  fi
  printf '[{"name":"%s","imageUri":"%s"}]\n' "${container}" "${image}" >"imagedefinitions-${name}.json"
done
