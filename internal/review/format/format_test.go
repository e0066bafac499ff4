package format_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/review/format"
)

var formats = format.Formats[int]{
	{Name: "decimal", Write: func(out io.Writer, n int) error { _, err := fmt.Fprintf(out, "%d", n); return err }},
	{Name: "hexadecimal", Write: func(out io.Writer, n int) error { _, err := fmt.Fprintf(out, "%x", n); return err }},
}

func TestFormats(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"decimal", "hexadecimal"}, formats.Names())
	for name, want := range map[string]string{"decimal": "10", "hexadecimal": "a"} {
		require.True(t, formats.Supports(name))
		require.NoError(t, formats.Check(name))
		var out bytes.Buffer
		require.NoError(t, formats.Write(&out, name, 10))
		require.Equal(t, want, out.String())
	}
	require.False(t, formats.Supports("octal"))
	const rejected = `"octal" is not a format: choose one of decimal, hexadecimal`
	require.EqualError(t, formats.Check("octal"), rejected)
	require.EqualError(t, formats.Write(io.Discard, "octal", 8), rejected)
}

func TestWidth(t *testing.T) {
	for columns, want := range map[string]int{"80": 80, "1": 1, "0": 100, "-3": 100, "": 100, "wide": 100} {
		t.Setenv("COLUMNS", columns)
		require.Equal(t, want, format.Width(io.Discard), columns)
	}
	t.Setenv("COLUMNS", "")
	file, err := os.Create(filepath.Join(t.TempDir(), "no terminal"))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	require.Equal(t, 100, format.Width(file))
}
