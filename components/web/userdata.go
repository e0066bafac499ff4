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

// maxUserData is the most that EC2 accepts, in bytes (Amazon EC2 User Guide, "Run commands when you launch an EC2
// instance").
const maxUserData = 16 << 10

// scriptValues are the values of the script that depend on the kind of server.
type scriptValues struct {
	// Domain and Email are for the certificate of a public instance.
	Domain, Email string
	// Balanced is whether the server is a fixed one behind a load balancer.
	Balanced bool
	// Group is the auto-scaling group that launches the server.
	Group *Group
	// Setup are Args' scripts.
	Setup []string
}

// userData returns the script that sets up an instance at its first boot. validate makes sure that no value has a
// meaning for a shell.
func userData(ctx *pulumi.Context, name string, values scriptValues) (string, error) {
	var script strings.Builder
	err := userDataTemplate.Execute(&script, map[string]any{
		"Service":        ctx.Project() + " " + ctx.Stack(),
		"Port":           Port,
		"HealthPath":     HealthPath,
		"AgentParameter": agentParameterName(ctx, name),
		"Domain":         values.Domain,
		"Email":          values.Email,
		"Group":          values.Group,
		"GroupName":      groupName(ctx, name),
		"Setup":          values.Setup,
		"DrainHook":      drainHook,
		"Balanced":       values.Balanced,
		"Draining":       drainingFile,
	})
	if err != nil {
		return "", fmt.Errorf("writing the user data: %w", err)
	}
	if script.Len() > maxUserData {
		return "", fmt.Errorf("user data has %d bytes, and EC2 accepts %d: shorten Setup", script.Len(), maxUserData)
	}
	return script.String(), nil
}
