package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newVersionCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of Go, Pulumi and the AWS provider that Stagecraft is built with",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(env.out, version())
			return err
		},
	}
}

// version returns the versions that a bug report needs, a line each.
func version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "stagecraft (unknown build)\n"
	}
	return versionOf(build)
}

func versionOf(build *debug.BuildInfo) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s, %s\n", build.Main.Path, build.Main.Version, build.GoVersion)
	for _, module := range build.Deps {
		if strings.HasPrefix(module.Path, "github.com/pulumi/pulumi") {
			fmt.Fprintf(&text, "%s %s\n", module.Path, module.Version)
		}
	}
	return text.String()
}
