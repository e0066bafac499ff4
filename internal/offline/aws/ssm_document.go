package aws

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"

	"stagecraft/internal/offline/cloud"
)

const documentToken = "aws:ssm/document:Document"

func documentTypes() []cloud.Type {
	return []cloud.Type{{
		Token:     documentToken,
		Args:      ssm.DocumentArgs{},
		State:     ssm.Document{},
		Service:   "SSM",
		Operation: "CreateDocument",
		Change:    "UpdateDocument",
		Source: "CloudFormation resource schema AWS::SSM::Document; SDK doc; Systems Manager API Reference, CreateDocument; " +
			"Systems Manager User Guide, Session document schema and Command document plugin reference. Of the kinds of " +
			"documents the offline cloud knows Session and Command, and of the plugins aws:runShellScript",
		Name: ssmName(),
		ID:   "${name}",
		Values: map[string]cloud.Value{
			"attachmentsSources": cloud.NotSimulated,
			"content":            cloud.Length(1, 65536),
			"documentFormat":     cloud.OneOf("JSON"),
			"documentType":       cloud.OneOf("Command", "Session"),
			"permissions":        cloud.NotSimulated,
			"targetType":         cloud.NotSimulated,
			"versionName":        cloud.Match(`^[a-zA-Z0-9_\-.]{1,128}$`, "1 to 128 letters, digits or _-."),
		},
		Computed: map[string]any{
			"arn":             "arn:aws:ssm:${region}:${account}:document/${name}",
			"createdDate":     "${now}",
			"documentFormat":  "JSON",
			"documentVersion": "1",
			"hash":            "${hex32}${hex32}",
			"hashType":        "Sha256",
			"owner":           "${account}",
			"platformTypes":   []any{"Windows", "Linux", "MacOS"},
			"status":          "Active",
		},
		Replace:    []string{"documentType", "name"},
		Unique:     [][]string{{"name"}},
		Quota:      &cloud.Quota{Limit: 500, Error: cloud.Error{Code: "DocumentLimitExceeded", Message: "You can have at most 500 documents."}},
		Check:      validateDocument,
		AfterWrite: describeDocument,
		NotFound:   cloud.Error{Code: "InvalidDocument", Message: "Document with name ${value} does not exist."},
		Exists:     cloud.Error{Code: "DocumentAlreadyExists", Message: "Document with same name ${name} already exists"},
	}}
}

// sessionDocument holds the fields of a session document that the offline cloud checks.
type sessionDocument struct {
	SchemaVersion, SessionType string
	Inputs                     struct {
		CloudWatchLogGroupName                 string
		IdleSessionTimeout, MaxSessionDuration string
	}
}

// commandDocument holds the fields of a command document that the offline cloud checks.
type commandDocument struct {
	SchemaVersion string
	MainSteps     []struct {
		Action, Name string
		Inputs       struct{ RunCommand []string }
	}
}

func validateDocument(_ cloud.Account, document *cloud.Resource) error {
	name := document.Text("name")
	if first := strings.ToLower(name); strings.HasPrefix(first, "aws-") || strings.HasPrefix(first, "amazon") {
		return apiError("ValidationException", "The document name %s begins with a prefix that is reserved to AWS.", name)
	}
	if document.Text("documentType") == "Command" {
		return validateCommandDocument(document)
	}
	return validateSessionDocument(document)
}

// validateCommandDocument rejects documents that no instance could run.
func validateCommandDocument(document *cloud.Resource) error {
	var content commandDocument
	if err := json.Unmarshal([]byte(document.Text("content")), &content); err != nil {
		return apiError("InvalidDocumentContent", "JSON not well-formed: %v", err)
	}
	if content.SchemaVersion != "2.2" || len(content.MainSteps) == 0 {
		return apiError("InvalidDocumentContent", "A document of the type Command has the schema version 2.2 and mainSteps.")
	}
	for _, step := range content.MainSteps {
		if step.Action != "aws:runShellScript" || step.Name == "" || len(step.Inputs.RunCommand) == 0 {
			return apiError("InvalidDocumentContent", "The step %q must run commands with aws:runShellScript: of the plugins, "+
				"the offline cloud knows no other.", step.Name)
		}
	}
	return nil
}

// validateSessionDocument rejects documents with which no session could start.
func validateSessionDocument(document *cloud.Resource) error {
	var content sessionDocument
	if err := json.Unmarshal([]byte(document.Text("content")), &content); err != nil {
		return apiError("InvalidDocumentContent", "JSON not well-formed: %v", err)
	}
	if content.SchemaVersion != "1.0" {
		return apiError("InvalidDocumentSchemaVersion", "The schema version %q is not supported: a document of the type Session has 1.0.",
			content.SchemaVersion)
	}
	switch content.SessionType {
	case "Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port":
	default:
		return apiError("InvalidDocumentContent", "The session type %q is not valid.", content.SessionType)
	}
	for what, limit := range map[string]struct {
		given string
		most  int
	}{
		"idleSessionTimeout": {content.Inputs.IdleSessionTimeout, 60},
		"maxSessionDuration": {content.Inputs.MaxSessionDuration, 1440},
	} {
		if limit.given == "" {
			continue
		}
		if minutes, err := strconv.Atoi(limit.given); err != nil || minutes < 1 || minutes > limit.most {
			return apiError("InvalidDocumentContent", "%s is %q: it must be 1 to %d minutes.", what, limit.given, limit.most)
		}
	}
	return nil
}

// describeDocument increments the version of a document; the newest is the default, as in the AWS provider.
func describeDocument(_ cloud.Account, document *cloud.Resource) error {
	version := 1
	if before := document.Before; before != nil {
		version = int(number(before, "latestVersion"))
		if before.Text("content") != document.Text("content") {
			version++
		}
	}
	document.Set("latestVersion", strconv.Itoa(version))
	document.Set("defaultVersion", strconv.Itoa(version))
	document.Set("documentVersion", strconv.Itoa(version))
	document.Set("schemaVersion", map[bool]string{true: "2.2", false: "1.0"}[document.Text("documentType") == "Command"])
	return nil
}
