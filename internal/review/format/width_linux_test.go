package format_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"stagecraft/internal/review/format"
)

func TestWidthOfATerminal(t *testing.T) {
	t.Setenv("COLUMNS", "")
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	defer func() { require.NoError(t, terminal.Close()) }()
	for _, columns := range []uint16{1, 77} {
		require.NoError(t, unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 20, Col: columns}))
		require.Equal(t, int(columns), format.Width(terminal))
	}
	require.NoError(t, unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{}))
	require.Equal(t, 100, format.Width(terminal), "a terminal that does not know its width")
}
