package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"
)

// functionVariable makes the test program run as the function.
const functionVariable = "STAGECRAFT_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(functionVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestNewHandler(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	_, err := newHandler(t.Context(), slog.Default())
	require.EqualError(t, err, "VISITS_TABLE must be the name of a DynamoDB table")

	t.Setenv("VISITS_TABLE", "visits-1")
	t.Setenv("AWS_RETRY_MODE", "invalid")
	_, err = newHandler(t.Context(), slog.Default())
	require.ErrorContains(t, err, "invalid")
}

// TestHandler sends a visit to a server that answers as DynamoDB does.
func TestHandler(t *testing.T) {
	var body string
	dynamodb := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		body = string(content)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"Attributes": {"visits": {"N": "42"}}}`)
	}))
	t.Cleanup(dynamodb.Close)
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_ENDPOINT_URL_DYNAMODB": dynamodb.URL, "VISITS_TABLE": "visits-1",
	} {
		t.Setenv(name, value)
	}
	logger := slog.New(slog.DiscardHandler)
	handler, err := newHandler(t.Context(), logger)
	require.NoError(t, err)
	require.Same(t, logger, handler.Logger)
	response, err := handler.Handle(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "POST /visits"})
	require.NoError(t, err)
	require.JSONEq(t, `{"visits": 42}`, response.Body)
	require.Contains(t, body, `"TableName":"visits-1"`)
}

// TestMainFails runs the function without its table.
func TestMainFails(t *testing.T) {
	t.Parallel()
	command := exec.Command(os.Args[0])
	command.Env = []string{functionVariable + "=1"}
	output, err := command.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, command.ProcessState.ExitCode())
	require.Equal(t, 1, bytes.Count(output, []byte("\n")), "it does not go on: %s", output)
	require.Contains(t, string(output),
		`"msg":"the function cannot start","error":"VISITS_TABLE must be the name of a DynamoDB table"`)
}

// TestMainServes runs the function on a server that answers as Lambda's runtime API does.
func TestMainServes(t *testing.T) {
	t.Parallel()
	answer := make(chan string, 1)
	first := true
	runtime := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/response"):
			content, _ := io.ReadAll(r.Body)
			answer <- string(content)
			w.WriteHeader(http.StatusAccepted)
		case first:
			first = false
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "4102444800000")
			_, _ = io.WriteString(w, `{"routeKey": "GET /nothing"}`)
		default:
			<-r.Context().Done()
		}
	}))
	var output bytes.Buffer
	command := exec.Command(os.Args[0])
	command.Env = []string{
		functionVariable + "=1", "AWS_REGION=eu-west-1", "VISITS_TABLE=visits-1",
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtime.URL, "http://"),
	}
	command.Stdout, command.Stderr = &output, &output
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		runtime.CloseClientConnections()
		runtime.Close()
	})
	select {
	case text := <-answer:
		require.Contains(t, text, `"statusCode":404`)
	case <-time.After(30 * time.Second):
		t.Fatal("the function did not answer")
	}
}
