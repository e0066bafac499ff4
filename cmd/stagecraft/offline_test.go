package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/store"
	offline "stagecraft/internal/offline/workspace"
)

// newCloud returns a person whose offline cloud has some resources.
func newCloud(t *testing.T) *person {
	t.Helper()
	user := newPerson(t, "rose1")
	require.NoError(t, os.MkdirAll(".stagecraft/backend", 0o750))
	require.NoError(t, offline.Store(user.root).Update(func(tx *store.Tx) error {
		for _, record := range []store.Record{
			{Key: store.Key{Type: "aws:iam/role:Role", ID: "web"}, URN: urn("aws:iam/role:Role", "web")},
			{Key: store.Key{Region: "eu-west-1", Type: "aws:sns/topic:Topic", ID: "arn:aws:sns:eu-west-1:123456789012:a"}},
			{Key: store.Key{Region: "eu-west-1", Type: "aws:sqs/queue:Queue", ID: "jobs"}, URN: urn("aws:sqs/queue:Queue", "jobs")},
			{Key: store.Key{Region: "eu-west-1", Type: "aws:sqs/queue:Queue", ID: "mail"}, URN: urn("aws:sqs/queue:Queue", "mail")},
			{Key: store.Key{Region: "us-east-1", Type: "aws:sns/topic:Topic", ID: "arn:aws:sns:us-east-1:123456789012:b"}},
		} {
			record.Inputs = []byte(`{"name":"` + record.ID + `"}`)
			record.Outputs = []byte(`{"arn":"` + record.ID + `","name":"b","displayName":"old"}`)
			if err := tx.Put(record); err != nil {
				return err
			}
		}
		return nil
	}))
	return user
}

func TestList(t *testing.T) {
	user := newCloud(t)
	out, _ := user.succeeds("offline", "list")
	require.Equal(t, `global
  aws:iam/role:Role
    web (web of rose1)
eu-west-1
  aws:sns/topic:Topic
    arn:aws:sns:eu-west-1:123456789012:a
  aws:sqs/queue:Queue
    jobs (jobs of rose1)
    mail (mail of rose1)
us-east-1
  aws:sns/topic:Topic
    arn:aws:sns:us-east-1:123456789012:b
`, out)
	out, _ = user.succeeds("offline", "list", "--region", "us-east-1")
	require.Equal(t, "us-east-1\n  aws:sns/topic:Topic\n    arn:aws:sns:us-east-1:123456789012:b\n", out)
	code, _, errors := user.run("offline", "list", "--region", "mars-1")
	require.Equal(t, exitFailure, code)
	require.Contains(t, errors, "mars-1")
	require.Empty(t, user.built, "the offline cloud needs no program")
}

func TestListOfAnEmptyCloud(t *testing.T) {
	user := newPerson(t)
	out, _ := user.succeeds("offline", "list")
	require.Empty(t, out)
}

func TestShowSetAndDelete(t *testing.T) {
	user := newCloud(t)
	const typ, id = "aws:sns/topic:Topic", "arn:aws:sns:us-east-1:123456789012:b"
	out, _ := user.succeeds("offline", "show", typ, id, "--region", "us-east-1")
	require.JSONEq(t, `{"arn": "`+id+`", "name": "b", "displayName": "old"}`, out)
	require.Contains(t, out, "{\n  \"arn\"")

	out, errors := user.succeeds("offline", "set", typ, id, "displayName", `"new"`, "--region", "us-east-1")
	require.Empty(t, out)
	require.Equal(t, "Changed displayName of "+id+" in the offline cloud; Pulumi learns of it at the next refresh.\n", errors)
	out, _ = user.succeeds("offline", "show", typ, id, "--region", "us-east-1")
	require.Contains(t, out, `"displayName": "new"`)

	code, _, errors := user.run("offline", "show", typ, id)
	require.Equal(t, exitFailure, code)
	require.Equal(t, "stagecraft: eu-west-1 has no "+typ+" with the ID \""+id+"\": `stagecraft offline list` lists the resources\n", errors)

	_, errors = user.succeeds("offline", "delete", typ, id, "--region", "us-east-1")
	require.Equal(t, "Deleted "+id+" from the offline cloud; Pulumi learns of it at the next refresh.\n", errors)
	for _, args := range [][]string{
		{"offline", "show", typ, id, "--region", "us-east-1"},
		{"offline", "delete", typ, id, "--region", "us-east-1"},
		{"offline", "set", typ, id, "displayName", `"x"`, "--region", "us-east-1"},
		{"offline", "show", "aws:none/none:None", id},
		{"offline", "delete", typ, id, "--region", "mars-1"},
	} {
		code, out, errors := user.run(args...)
		require.Equal(t, exitFailure, code, args)
		require.Empty(t, out)
		require.NotEmpty(t, errors)
	}
}
