package ecs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/ecs"
)

func TestCheckImage(t *testing.T) {
	t.Parallel()
	for _, image := range []string{
		"public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine",
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com/users:4f2c",
		"localhost:5000/a:1",
		"ghcr.io/a/b@sha256:" + strings.Repeat("0", 64),
		"ghcr.io/a/b:" + strings.Repeat("a", 128),
		"ghcr.io/a/b:latest-1",
	} {
		require.NoError(t, ecs.CheckImage(image), image)
	}
	for _, image := range []string{
		"", "nginx:1", "ghcr.io/a/b", "ghcr.io/a/b:latest", "ghcr.io/a/b@sha256:0", "ghcr.io/A/b:1", "https://ghcr.io/a/b:1",
		"ghcr.io/a/b:" + strings.Repeat("a", 129),
	} {
		require.ErrorContains(t, ecs.CheckImage(image), "it must have a registry, and a tag other than latest or a digest", image)
	}
}
