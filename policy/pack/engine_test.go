package pack

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// servePack has this test binary serve the pack of testRules, as policyx serves any.
const servePack = "STAGECRAFT_TEST_SERVES_PACK"

func TestMain(m *testing.M) {
	if os.Getenv(servePack) == "" {
		os.Exit(m.Run())
	}
	if err := Main(testRules); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type props = map[string]any

// engine asks the served pack what the Pulumi engine asks.
type engine struct {
	t        *testing.T
	analyzer plugin.Analyzer
}

// start serves the pack for a stack's configuration, as the engine does: configured with the defaults of the schemas, and
// what is given.
func start(t *testing.T, stackConfig map[string]string, given map[string]props) engine {
	t.Helper()
	served := serve(t, stackConfig)
	require.NoError(t, served.configure(given))
	return served
}

func serve(t *testing.T, stackConfig map[string]string) engine {
	t.Helper()
	var stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), servePack+"=1"), &stderr
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Wait() // the test's end kills it
		require.NotContains(t, stderr.String(), "DATA RACE")
		require.NotContains(t, stderr.String(), "panic")
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%s", &stderr)
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })

	client := pulumirpc.NewAnalyzerClient(connection)
	_, err = client.Handshake(t.Context(), &pulumirpc.AnalyzerHandshakeRequest{})
	require.NoError(t, err)
	_, err = client.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{
		Stack: "test", Project: "project", Config: stackConfig,
	})
	require.NoError(t, err)
	return engine{t, plugin.NewAnalyzerWithClient("pack", client)}
}

func (e engine) info() plugin.AnalyzerInfo {
	e.t.Helper()
	info, err := e.analyzer.GetAnalyzerInfo(e.t.Context())
	require.NoError(e.t, err)
	return info
}

// configure sends names that there are not along, as the engine does.
func (e engine) configure(given map[string]props) error {
	e.t.Helper()
	config := map[string]plugin.AnalyzerPolicyConfig{}
	for _, policy := range e.info().Policies {
		properties := props{}
		for key, schema := range policy.ConfigSchema.Properties {
			if value, ok := schema["default"]; ok {
				properties[key] = value
			}
		}
		level := policy.EnforcementLevel
		for key, value := range given[policy.Name] {
			if key == "enforcementLevel" {
				level = apitype.EnforcementLevel(value.(string))
			} else {
				properties[key] = value
			}
		}
		config[policy.Name] = plugin.AnalyzerPolicyConfig{EnforcementLevel: level, Properties: properties}
	}
	for name := range given {
		if _, known := config[name]; !known {
			config[name] = plugin.AnalyzerPolicyConfig{EnforcementLevel: apitype.Advisory}
		}
	}
	return e.analyzer.Configure(e.t.Context(), config)
}

func made(typ, name string, properties props) plugin.AnalyzerResource {
	return plugin.AnalyzerResource{
		URN:  resource.URN("urn:pulumi:test::project::" + typ + "::" + name),
		Type: tokens.Type(typ), Name: name, Properties: resource.NewPropertyMapFromMap(properties),
	}
}

// judge gives what the pack says of a resource, as the engine asks: for its remediations first.
func (e engine) judge(of plugin.AnalyzerResource) ([]plugin.AnalyzeDiagnostic, error) {
	remedied, err := e.analyzer.Remediate(e.t.Context(), of)
	if err != nil {
		return nil, err
	}
	for _, remediation := range remedied.Remediations {
		of.Properties = remediation.Properties
	}
	response, err := e.analyzer.Analyze(e.t.Context(), of)
	return response.Diagnostics, err
}

// judged are the names of the rules that refuse a resource, with their levels.
func (e engine) judged(of plugin.AnalyzerResource) []string {
	e.t.Helper()
	found, err := e.judge(of)
	require.NoError(e.t, err)
	return levels(found)
}

// judgedStack is judged of the resources of a stack, which are judged alone before.
func (e engine) judgedStack(resources ...plugin.AnalyzerResource) []plugin.AnalyzeDiagnostic {
	e.t.Helper()
	var stack []plugin.AnalyzerStackResource
	for _, of := range resources {
		_, err := e.judge(of)
		require.NoError(e.t, err)
		stack = append(stack, plugin.AnalyzerStackResource{AnalyzerResource: of})
	}
	response, err := e.analyzer.AnalyzeStack(e.t.Context(), stack)
	require.NoError(e.t, err)
	return response.Diagnostics
}

func levels(of []plugin.AnalyzeDiagnostic) []string {
	found := map[string]bool{}
	for _, diagnostic := range of {
		found[diagnostic.PolicyName+" "+string(diagnostic.EnforcementLevel)] = true
	}
	return slices.Sorted(maps.Keys(found))
}
