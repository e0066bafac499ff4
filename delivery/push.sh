#!/bin/bash
# Pushes the image "service" to the repository of each service, and writes for each of them what ECS then runs
# (CodePipeline User Guide, "Image definitions file reference"). SERVICES holds NAME,CONTAINER,REPOSITORY for each, with
# spaces between; the commit is the tag.
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
  # A commit that is released again has its image already, and a tag may not move.
  if ! docker manifest inspect "${image}" >/dev/null 2>&1; then
    docker tag service "${image}"
    docker push --quiet "${image}"
  fi
  printf '[{"name":"%s","imageUri":"%s"}]\n' "${container}" "${image}" >"imagedefinitions-${name}.json"
done
