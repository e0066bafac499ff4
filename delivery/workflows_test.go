package delivery_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rhysd/actionlint"
	"github.com/stretchr/testify/require"
)

func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var found bytes.Buffer
			linter, err := actionlint.NewLinter(&found, &actionlint.LinterOptions{})
			require.NoError(t, err)
			_, err = linter.LintFile(file, nil)
			require.NoError(t, err)
			require.Empty(t, found.String())

			content, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, target := range makeCall.FindAllSubmatch(content, -1) {
				require.Regexp(t, `(?m)^`+string(target[1])+`:`, string(makefile), "a target of the Makefile")
			}
			for _, action := range actionCall.FindAllSubmatch(content, -1) {
				require.Regexp(t, `@[0-9a-f]{40} # v\d+\.\d+\.\d+$`, string(action[1]), "an action that nobody can change")
			}
		})
	}
}

var (
	makeCall   = regexp.MustCompile(`(?m)(?:^|\s)make ([a-z-]+)`)
	actionCall = regexp.MustCompile(`(?m)uses: (.+)$`)
)
