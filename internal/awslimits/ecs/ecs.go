// Package ecs knows the names of container images.
package ecs

import (
	"fmt"
	"regexp"
	"strings"
)

// pinnedImage has a registry, and a tag or a digest.
var pinnedImage = regexp.MustCompile(`^[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$`)

// CheckImage rejects an image without a registry, and one that may be another image tomorrow: without a tag or a
// digest, or with the tag latest.
func CheckImage(image string) error {
	if !pinnedImage.MatchString(image) || strings.HasSuffix(image, ":latest") {
		return fmt.Errorf("%q: it must have a registry, and a tag other than latest or a digest, such as "+
			"public.ecr.aws/nginx/nginx-unprivileged:1.28-alpine", image)
	}
	return nil
}
