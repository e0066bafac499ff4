package display

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// script is a log of events in the making.
type script struct{ events []apitype.EngineEvent }

func urn(typ, name string) string { return "urn:pulumi:rose::garden::" + typ + "::" + name }

func (s *script) begin() *script {
	s.events = append(s.events, apitype.EngineEvent{PreludeEvent: &apitype.PreludeEvent{}})
	return s
}

// step adds the steps of a resource.
func (s *script) step(op apitype.OpType, typ, name string, properties ...string) *script {
	return s.start(op, typ, name, properties...).done(op, typ, name, properties...)
}

func metadata(op apitype.OpType, typ, name string, properties []string) apitype.StepEventMetadata {
	return apitype.StepEventMetadata{
		Op: op, URN: urn(typ, name), Type: typ[strings.LastIndex(typ, "$")+1:], Diffs: properties,
		New: &apitype.StepEventStateMetadata{Custom: !strings.HasPrefix(typ, "stagecraft") || strings.Contains(typ, "$")},
	}
}

func (s *script) start(op apitype.OpType, typ, name string, properties ...string) *script {
	s.events = append(s.events, apitype.EngineEvent{
		ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: metadata(op, typ, name, properties)},
	})
	return s
}

func (s *script) done(op apitype.OpType, typ, name string, properties ...string) *script {
	s.events = append(s.events, apitype.EngineEvent{
		ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: metadata(op, typ, name, properties)},
	})
	return s
}

func (s *script) fail(op apitype.OpType, typ, name, message string) *script {
	s.start(op, typ, name)
	s.say("error", urn(typ, name), message)
	s.events = append(s.events, apitype.EngineEvent{ResOpFailedEvent: &apitype.ResOpFailedEvent{Metadata: metadata(op, typ, name, nil)}})
	return s
}

func (s *script) say(severity, urn, message string) *script {
	s.events = append(s.events, apitype.EngineEvent{
		DiagnosticEvent: &apitype.DiagnosticEvent{Severity: severity, URN: urn, Message: message},
	})
	return s
}

func (s *script) end(preview bool, changes map[apitype.OpType]int) *script {
	return s.result(apitype.OperationResultSucceeded, preview, changes)
}

func (s *script) result(result apitype.OperationResult, preview bool, changes map[apitype.OpType]int) *script {
	s.events = append(s.events, apitype.EngineEvent{SummaryEvent: &apitype.SummaryEvent{
		IsPreview: preview, ResourceChanges: changes, DurationSeconds: 7, Result: result,
	}})
	return s
}

// show returns what the display prints of the events.
func show(options Options, events *script, printed string, err error) string {
	var out bytes.Buffer
	options.Out, options.Stack = &out, "rose"
	display := New(options)
	for _, event := range events.events {
		display.Event(event)
	}
	display.Finish(printed, err)
	return out.String()
}

const (
	queue    = "stagecraft:web:Web$aws:sqs/queue:Queue"
	database = "stagecraft:database:Database$aws:rds/instance:Instance"
)

var up = Options{Phases: []string{"Previewing", "Updating"}, Outputs: true}

func TestUpdate(t *testing.T) {
	t.Parallel()
	events := new(script).begin()
	for range 2 { // a preview, and an update
		if len(events.events) > 1 {
			events.begin()
		}
		events.step("same", "pulumi:pulumi:Stack", "garden-rose").
			step("create", "pulumi:providers:aws", "default_6_83_4").
			step("create", "pulumi:providers:aws", "us-east-1").
			start("create", "stagecraft:web:Web", "web").
			step("create", queue, "jobs").
			step("create", queue, "mail").
			step("same", queue, "old").
			step("update", database, "writer", "storage", "class").
			step("create-replacement", database, "replica", "zone").
			step("replace", database, "replica", "zone").
			step("delete-replaced", database, "replica").
			step("delete", "stagecraft:network:Network$aws:ec2/subnet:Subnet", "a", "cidr").
			done("create", "stagecraft:web:Web", "web").
			done("create", "stagecraft:web:Web", "web"). // its outputs are registered, too
			end(len(events.events) < 40, map[apitype.OpType]int{"create": 4, "update": 1, "replace": 1, "delete": 1, "same": 2})
	}
	require.Equal(t, `Previewing rose ...
  4 to create, 1 to update, 1 to replace, 1 to delete; 2 unchanged
Updating rose ...
  stack            1 created
      +  pulumi:providers:aws us-east-1
  database         1 updated, 1 replaced
      ~  aws:rds:Instance writer: class, storage
      +- aws:rds:Instance replica: zone
  network          1 deleted
      -  aws:ec2:Subnet a
  web              3 created
      +  stagecraft:web:Web web
      +  aws:sqs:Queue jobs
      +  aws:sqs:Queue mail
rose: 4 created, 1 updated, 1 replaced, 1 deleted; 2 unchanged in 7 s
`, show(up, events, "what Pulumi prints", nil))
}

// TestManyChanges counts changes, and lists only replacements.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{
		20: "  web              19 to create, 1 to replace\n      +  aws:sqs:Queue a\n",
		21: "  web              20 to create, 1 to replace\n      +- aws:sqs:Queue x: name\n  (--verbose lists every resource)\nrose: ",
	} {
		events := new(script).begin()
		for i := range count - 1 {
			events.step("create", queue, string(rune('a'+i)))
		}
		events.events = append(events.events, apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{
			Metadata: apitype.StepEventMetadata{
				Op: "create-replacement", URN: urn(queue, "x"), Diffs: []string{"name", "tags"}, Keys: []string{"name"},
			},
		}})
		events.end(true, map[apitype.OpType]int{"create": count - 1, "replace": 1})
		require.Contains(t, show(Options{Phases: []string{"Previewing"}, Preview: true}, events, "", nil), want)
	}
}

// TestTiersAreShownAsTheyAreDone shows the line of a tier before the update ends.
func TestTiersAreShownAsTheyAreDone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	options := up
	options.Out, options.Stack = &out, "rose"
	display := New(options)
	play := func(events *script) {
		for _, event := range events.events {
			display.Event(event)
		}
	}
	play(new(script).begin().start("create", queue, "jobs").start("create", queue, "mail").start("create", database, "writer").
		end(true, map[apitype.OpType]int{"create": 3}).begin().step("create", queue, "jobs"))
	require.Equal(t, "Previewing rose ...\n  3 to create\nUpdating rose ...\n", out.String())
	play(new(script).step("create", queue, "mail"))
	require.Equal(t, "Previewing rose ...\n  3 to create\nUpdating rose ...\n"+
		"  web              2 created\n      +  aws:sqs:Queue jobs\n      +  aws:sqs:Queue mail\n", out.String())
	play(new(script).done("same", queue, "mail"))
	out.Reset()
	display.Finish("", nil)
	require.Empty(t, out.String(), "the update did not end, and no tier is shown twice")
}

func TestNothingChanges(t *testing.T) {
	t.Parallel()
	events := new(script).begin().step("same", queue, "jobs").end(false, map[apitype.OpType]int{"same": 218})
	refresh := Options{Phases: []string{"Refreshing"}}
	require.Equal(t, "Refreshing rose ...\nrose: nothing changes, 218 unchanged in 7 s\n", show(refresh, events, "", nil))
	events = new(script).begin().end(false, nil)
	require.Equal(t, "Refreshing rose ...\nrose: nothing changes in 7 s\n", show(refresh, events, "", nil))
}

func TestErrorsComeLastAndInFull(t *testing.T) {
	t.Parallel()
	message := "creating the queue:\n\tQueueDeletedRecently: wait\n\n60 s\n"
	changes := map[apitype.OpType]int{"create": 1, "same": 2}
	events := new(script).begin().start("create", queue, "jobs").start("create", queue, "mail").
		end(true, map[apitype.OpType]int{"create": 2}).begin().
		step("create", queue, "jobs").
		fail("create", queue, "mail", message).
		say("error", "", "<{%fg 1%}>update failed<{%reset%}>").
		say("error", "", "waiting for RPCs: run `pulumi cancel`").
		say("error", "", "waiting for RPCs: run `pulumi cancel`").
		say("warning", urn(queue, "jobs"), "it is slow\n").
		say("warning", urn(queue, "mail"), "it is slow\n").
		say("warning", "", "the quota is low\n").
		say("info", "", "OFFLINE").
		result(apitype.OperationResultFailed, false, changes)
	require.Equal(t, `Previewing rose ...
  2 to create
Updating rose ...
  web              1 created, 1 failed
      +  aws:sqs:Queue jobs
Warning: aws:sqs:Queue jobs and 1 other: it is slow
Warning: the quota is low
rose: failed after 7 s; 1 created; 2 unchanged
Error: waiting for RPCs: run `+"`bin/stagecraft pulumi -- cancel`"+`
Error: aws:sqs:Queue mail: creating the queue:
  	QueueDeletedRecently: wait
  
  60 s
`, show(up, events, "what Pulumi prints", errors.New("exit status 1")))
}

// TestEqualErrors shows an error that every resource has once.
func TestEqualErrors(t *testing.T) {
	t.Parallel()
	events := new(script).begin()
	for _, name := range []string{"a", "b", "c"} {
		events.say("error", urn(queue, name), "the store is damaged")
	}
	require.Equal(t, "Refreshing rose ...\nError: aws:sqs:Queue a and 2 others: the store is damaged\n",
		show(Options{Phases: []string{"Refreshing"}}, events, "much", errors.New("exit status 1")))
}

func TestFailureWithoutEvents(t *testing.T) {
	t.Parallel()
	for printed, want := range map[string]string{
		"error: no stack; try 'pulumi stack init rose'\n": "error: no stack; try 'bin/stagecraft pulumi -- stack init rose'\n",
		"": "",
	} {
		require.Equal(t, want, show(up, new(script), printed, errors.New("exit status 6")))
	}
	failed := new(script).begin().say("error", "", "update failed")
	require.Equal(t, "Previewing rose ...\nError: update failed\n", show(up, failed, "x", errors.New("exit status 1")))
	require.Empty(t, show(up, new(script), "what Pulumi prints", nil))
	internal := new(script)
	internal.events = []apitype.EngineEvent{{ErrorEvent: &apitype.ErrorEvent{Error: "a bug"}}}
	require.Equal(t, "Error: a bug\n", show(up, internal, "x", errors.New("exit status 1")))
}

// TestAFailedPreview shows the errors of a preview, after which there is no update.
func TestAFailedPreview(t *testing.T) {
	t.Parallel()
	events := new(script).begin().start("create", queue, "jobs").say("error", "", "9 is not a stage").
		result(apitype.OperationResultFailed, true, map[apitype.OpType]int{"create": 1})
	require.Equal(t, "Previewing rose ...\nrose: failed after 7 s; 1 to create\nError: 9 is not a stage\n",
		show(up, events, "x", errors.New("exit status 1")))
	const failed = "an unhandled error occurred: program failed: \n2 errors occurred:\n\t* no zone\n\t* no stage\n\n"
	events = new(script).begin().say("error", "", failed).
		result(apitype.OperationResultFailed, true, map[apitype.OpType]int{"same": 1})
	require.Equal(t, "Previewing rose ...\nrose: failed after 7 s\nError: the program failed:\n  \t* no zone\n  \t* no stage\n",
		show(up, events, "x", errors.New("exit status 1")))
}

func TestEphemeralMessages(t *testing.T) {
	t.Parallel()
	events := new(script).begin()
	events.events = append(events.events, apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{
		Severity: "warning", Message: "installing", Ephemeral: true,
	}})
	require.Equal(t, "Previewing rose ...\n", show(up, events, "", nil))
}

func violation(level, policy, message string) apitype.EngineEvent {
	return apitype.EngineEvent{PolicyEvent: &apitype.PolicyEvent{
		EnforcementLevel: level, PolicyName: policy, Message: message, ResourceURN: urn(queue, "jobs"),
	}}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	events := new(script).begin()
	events.events = append(events.events,
		violation("advisory", "queue-encrypted", "Queues are encrypted\njobs: set kmsKeyId\n"),
		violation("advisory", "queue-encrypted", "Queues are encrypted\nmail: set kmsKeyId\n"),
		violation("advisory", "queue-alarm", "Queues have alarms\n"),
		violation("mandatory", "queue-private", "Queues are private\njobs: set policy\n"),
		apitype.EngineEvent{PolicyRemediationEvent: &apitype.PolicyRemediationEvent{
			PolicyName: "queue-tagged", ResourceURN: urn(queue, "mail"),
		}})
	preview := Options{Phases: []string{"Previewing"}}
	failed := errors.New("exit status 1")
	require.Equal(t, `Previewing rose ...
Policy queue-tagged corrected aws:sqs:Queue mail.
Mandatory policy queue-private:
  Queues are private
  jobs: set policy
Policies: 3 advisory violations of 2 rules (--advisories lists them)
`, show(preview, events, "what Pulumi prints", failed))
	preview.Advisories = true
	require.Equal(t, `Previewing rose ...
Policy queue-tagged corrected aws:sqs:Queue mail.
Advisory policy queue-encrypted:
  Queues are encrypted
  jobs: set kmsKeyId
Advisory policy queue-encrypted:
  Queues are encrypted
  mail: set kmsKeyId
Advisory policy queue-alarm:
  Queues have alarms
Mandatory policy queue-private:
  Queues are private
  jobs: set policy
`, show(preview, events, "what Pulumi prints", failed))
	events = new(script)
	events.events = []apitype.EngineEvent{violation("advisory", "queue-alarm", "Queues have alarms\n")}
	require.Equal(t, "Policies: 1 advisory violation of 1 rule (--advisories lists them)\n",
		show(Options{Phases: []string{"Previewing"}}, events, "x", nil))
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	stack := metadata("same", "pulumi:pulumi:Stack", "garden-rose", nil)
	stack.New = &apitype.StepEventStateMetadata{Outputs: map[string]any{"url": "http://x", "zones": []string{"a", "b"}, "count": 2.0}}
	events := new(script).begin().begin()
	events.events = append(events.events, apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: stack}})
	const outputs = "Outputs:\n  count  2\n  url    http://x\n  zones  [\"a\",\"b\"]\n"
	require.Equal(t, "Previewing rose ...\nUpdating rose ...\n"+outputs, show(up, events, "", nil))
	events.events = events.events[1:]
	require.Equal(t, "Previewing rose ...\n", show(up, events, "", nil), "the outputs of a preview are not known")
	require.Equal(t, "Refreshing rose ...\n", show(Options{Phases: []string{"Refreshing"}}, events, "", nil))
}

func TestProgress(t *testing.T) {
	t.Parallel()
	phase := newPhase()
	phase.start(metadata("create", "stagecraft:web:Web", "web", nil))
	require.Equal(t, "  0 s  1 change", phase.progress(0, phase.began), "a component only groups others")
	for _, name := range []string{"a", "b", "c"} {
		phase.start(metadata("create", queue, name, nil))
	}
	require.Len(t, phase.running, 3)
	phase.running[resource.URN(urn(queue, "c"))] = phase.began.Add(-3 * time.Second)
	phase.running[resource.URN(urn(queue, "a"))] = phase.began.Add(-2 * time.Second)
	phase.running[resource.URN(urn(queue, "b"))] = phase.began
	require.Equal(t, "  0 s  4 changes  aws:sqs:Queue c (3 s), aws:sqs:Queue a (2 s)", phase.progress(0, phase.began))
	phase.finish(metadata("create", queue, "c", nil))
	require.Equal(t, "  0 s  1 of 9 changes  aws:sqs:Queue a (2 s), aws:sqs:Queue b", phase.progress(9, phase.began))
	phase.fail(metadata("create", queue, "a", nil))
	later := phase.began.Add(9 * time.Second)
	require.Equal(t, "  9 s  1 of 9 changes  aws:sqs:Queue b (9 s)", phase.progress(9, later))
	deleted := metadata("delete", queue, "d", nil)
	deleted.New = nil
	phase.start(deleted)
	require.Contains(t, phase.progress(9, later.Add(time.Minute)), ", aws:sqs:Queue d (")
}

func TestOffline(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"run `pulumi cancel`":                  "run `bin/stagecraft pulumi -- cancel`",
		"run 'pulumi stack rm rose'":           "run 'bin/stagecraft pulumi -- stack rm rose'",
		`run "pulumi refresh"`:                 `run "bin/stagecraft pulumi -- refresh"`,
		"the pulumi program":                   "the pulumi program",
		"see https://www.pulumi.com/docs/cli/": "see https://www.pulumi.com/docs/cli/",
	} {
		require.Equal(t, want, Offline(message))
	}
}

// TestProgressLine checks that the progress line fits the terminal, and that other lines take its place.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	options := up
	options.Out, options.Stack = &out, "rose"
	display := New(options)
	display.showProgress()
	require.Empty(t, out.String(), "only a terminal has a progress line")
	display.columns = 30
	display.Event(apitype.EngineEvent{PreludeEvent: &apitype.PreludeEvent{}})
	require.Equal(t, "\r\x1b[KPreviewing rose ...\n", out.String())
	display.Event(new(script).start("create", queue, "a-long-name").events[0])
	out.Reset()
	display.showProgress()
	require.Equal(t, "\r\x1b[K  0 s  1 change  aws:sqs:Que…", out.String())
}
