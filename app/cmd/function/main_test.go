package main

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrepare(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	_, err := prepare(t.Context(), slog.Default())
	require.EqualError(t, err, "VISITS_TABLE must be the name of a DynamoDB table")

	t.Setenv("VISITS_TABLE", "visits")
	handler, err := prepare(t.Context(), slog.Default())
	require.NoError(t, err)
	require.NotNil(t, handler.Counter)
}
