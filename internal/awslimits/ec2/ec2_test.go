package ec2_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/awslimits/ec2"
)

func TestGravitonType(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"t4g.nano", "t4g.micro", "t4g.small", "m7g.medium", "m7g.large", "r8g.xlarge", "c7gn.16xlarge", "im4gn.2xlarge",
	} {
		require.Regexp(t, ec2.GravitonType, name)
	}
	for _, name := range []string{
		"", "t3.small", "m7i.large", "a1.large", "c7g.metal", "x2gd.metal-24xl", "g5.xlarge", "t4g", "t4g.huge", "db.t4g.small", "t4g.small ", "T4g.small",
	} {
		require.NotRegexp(t, ec2.GravitonType, name)
	}
}
