package web

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

//go:embed user_data.sh
var userDataSource string

var userDataTemplate = template.Must(template.New("user_data.sh").Parse(userDataSource))

// maxUserData is what EC2 takes, in bytes (Amazon EC2 User Guide, "Run commands when you launch an EC2 instance").
const maxUserData = 16 << 10

// scriptOf is what the script does for one kind of server only.
type scriptOf struct {
	// Domain and Email are for a certificate, of a public instance.
	Domain, Email string
	// Group is the auto-scaling group that launches the server.
	Group *Group
	// Setup are Args' scripts.
	Setup []string
}

// userData is the script that sets an instance up at its first boot. validate has seen to it that no value means
// anything to a shell.
func userData(ctx *pulumi.Context, name string, of scriptOf) (string, error) {
	var script strings.Builder
	err := userDataTemplate.Execute(&script, map[string]any{
		"Service":        ctx.Project() + " " + ctx.Stack(),
		"Port":           Port,
		"HealthPath":     HealthPath,
		"AgentParameter": agentParameterName(ctx, name),
		"Domain":         of.Domain,
		"Email":          of.Email,
		"Group":          of.Group,
		"GroupName":      groupName(ctx, name),
		"Setup":          of.Setup,
		"DrainHook":      drainHook,
	})
	if err != nil {
		return "", fmt.Errorf("user data: %w", err)
	}
	if script.Len() > maxUserData {
		return "", fmt.Errorf("user data is %d bytes, and EC2 takes %d: shorten Setup", script.Len(), maxUserData)
	}
	return script.String(), nil
}
