package frontend

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettableHeader(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "Cache-Control", "Connection", "Content-Length", "Cookie", "Host", "If-Match", "If-Modified-Since", "If-None-Match",
		"If-Range", "If-Unmodified-Since", "Max-Forwards", "Pragma", "Proxy-Authenticate", "Proxy-Authorization",
		"Proxy-Connection", "Range", "Request-Range", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "X-Real-Ip",
		"X-Amz-Date", "X-Edge-Location",
	} {
		require.False(t, settableHeader(name), name)
	}
	for _, name := range []string{"X-Origin-Verify", "Authorization", "X-Amzn-Trace", "hostname"} {
		require.True(t, settableHeader(name), name)
	}
}
