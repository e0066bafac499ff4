// Package clitest is a stand-in for the Pulumi CLI in tests. It records how it is called, sends the engine's events that
// a test has prepared, prints what the test says, and ends with the code that it says.
package clitest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// variable names the folder of the CLI's answers, and makes a test's program act as the CLI.
const variable = "STAGECRAFT_TEST_CLI"

// Answer is what the CLI does when it is called.
type Answer struct {
	// Phases are the events of each preview and update.
	Phases [][]apitype.EngineEvent
	// Malformed is an event that is not JSON.
	Malformed      string
	Stdout, Stderr string
	Code           int
	// Waits says that the CLI waits for an interrupt, and ends with the code then.
	Waits bool
}

// CLI is the stand-in.
type CLI struct {
	t      *testing.T
	folder string
	// Path is the program.
	Path string
}

// New returns a CLI. The package's tests must call Main in TestMain.
func New(t *testing.T) *CLI {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	cli := &CLI{t: t, folder: t.TempDir()}
	cli.Path = filepath.Join(cli.folder, "pulumi")
	script := fmt.Sprintf("#!/bin/sh\n%s='%s' exec '%s' \"$@\"\n", variable, cli.folder, program)
	require.NoError(t, os.WriteFile(cli.Path, []byte(script), 0o700)) // #nosec G306 -- it is run
	return cli
}

// Answer prepares what calls of a command do, such as "up" or "stack export". Without it they do nothing and succeed.
func (c *CLI) Answer(command string, answer Answer) {
	c.t.Helper()
	encoded, err := json.Marshal(answer)
	require.NoError(c.t, err)
	require.NoError(c.t, os.WriteFile(filepath.Join(c.folder, command+".json"), encoded, 0o600))
}

// Calls returns the command lines of all calls, with the address of the event log left out.
func (c *CLI) Calls() []string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.folder, "calls"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(c.t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// Environment returns the environment variables of the last call whose names begin with a prefix.
func (c *CLI) Environment(prefix string) []string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.folder, "environment"))
	require.NoError(c.t, err)
	var variables []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, prefix) {
			variables = append(variables, strings.TrimSpace(line))
		}
	}
	return variables
}

// Main runs the package's tests; as the CLI, it answers the call instead.
func Main(m *testing.M) {
	if folder := os.Getenv(variable); folder != "" {
		code, err := answer(folder, os.Args[1:])
		if err != nil {
			fmt.Fprintln(os.Stderr, "clitest:", err)
			code = 99
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func answer(folder string, args []string) (int, error) {
	address := ""
	var words []string
	for i, arg := range args {
		switch {
		case arg == "--event-log":
			address = strings.TrimPrefix(args[i+1], "tcp://")
			words = append(words, arg)
		case i == 0 || args[i-1] != "--event-log":
			words = append(words, arg)
		}
	}
	calls, err := os.OpenFile(filepath.Join(folder, "calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Fprintln(calls, strings.Join(words, " ")); err != nil {
		return 0, err
	}
	environment := strings.Join(os.Environ(), "\n")
	if err := os.WriteFile(filepath.Join(folder, "environment"), []byte(environment), 0o600); err != nil {
		return 0, err
	}
	command := args[0]
	if len(args) > 1 && command == "stack" {
		command += " " + args[1]
	}
	encoded, err := os.ReadFile(filepath.Join(folder, command+".json"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var prepared Answer
	if err := json.Unmarshal(encoded, &prepared); err != nil {
		return 0, err
	}
	return prepared.give(address)
}

// give sends the events to an address, and prints the rest.
func (a Answer) give(address string) (int, error) {
	interrupts := make(chan os.Signal, 2)
	if a.Waits {
		signal.Notify(interrupts, os.Interrupt)
	}
	if address != "" {
		if err := a.send(address); err != nil {
			return 0, err
		}
	}
	fmt.Fprint(os.Stdout, a.Stdout)
	fmt.Fprint(os.Stderr, a.Stderr)
	if a.Waits {
		select {
		case <-interrupts:
			fmt.Println("interrupted")
		case <-time.After(time.Minute):
		}
	}
	return a.Code, nil
}

func (a Answer) send(address string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close() //nolint:errcheck // the process ends
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, phase := range a.Phases {
		stream, err := pulumirpc.NewEventsClient(connection).StreamEvents(ctx)
		if err != nil {
			return err
		}
		texts := []string{a.Malformed}
		for _, event := range phase {
			encoded, err := json.Marshal(event)
			if err != nil {
				return err
			}
			texts = append(texts, string(encoded))
		}
		for _, text := range texts {
			if text == "" {
				continue
			}
			if err := stream.Send(&pulumirpc.EventRequest{Event: text}); err != nil {
				return err
			}
		}
		if _, err := stream.CloseAndRecv(); err != nil {
			return err
		}
	}
	return nil
}
