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

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// servedPack makes this test binary serve a pack: testRules as the pack's own binary serves its rules, or a pack of
// policyx.
const servedPack = "STAGECRAFT_TEST_SERVES_PACK"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(servedPack) {
	case "":
		os.Exit(m.Run())
	case "rules":
		err = Main(testRules)
	case "policyx":
		err = policyx.Main(func(*pulumi.Context) (policyx.PolicyPack, error) {
			return policyx.NewPolicyPack("policyx", semver.MustParse("1.0.0"), policyx.EnforcementLevelAdvisory, nil)
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type props = map[string]any

// engine calls the served pack as the Pulumi engine does.
type engine struct {
	t        *testing.T
	analyzer plugin.Analyzer
}

// start serves the pack to a stack, configured as the engine does: with the defaults of the schemas and what is given.
func start(t *testing.T, stackConfig map[string]string, given map[string]props) engine {
	t.Helper()
	served := serve(t, stackConfig)
	require.NoError(t, served.configure(given))
	return served
}

// serve serves the pack to a stack.
func serve(t *testing.T, stackConfig map[string]string) engine {
	t.Helper()
	client := connect(t)
	_, err := client.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{
		Stack: "test", Project: "project", Config: stackConfig,
	})
	require.NoError(t, err)
	return engine{t, plugin.NewAnalyzerWithClient("pack", client)}
}

// connect starts the pack, shakes hands with it, and requires it not to panic.
func connect(t *testing.T) pulumirpc.AnalyzerClient {
	t.Helper()
	return launch(t, "rules", "panic")
}

// launch starts a pack and shakes hands with it. Once the test has ended, its stderr must not contain the given texts.
func launch(t *testing.T, pack string, unwanted ...string) pulumirpc.AnalyzerClient {
	t.Helper()
	stderr := &bytes.Buffer{}
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), servedPack+"="+pack), stderr
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	port, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%s", stderr)
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, connection.Close())
		_ = command.Wait() // The test's context kills it.
		for _, text := range append(unwanted, "DATA RACE") {
			require.NotContains(t, stderr.String(), text)
		}
	})
	client := pulumirpc.NewAnalyzerClient(connection)
	_, err = client.Handshake(t.Context(), &pulumirpc.AnalyzerHandshakeRequest{})
	require.NoError(t, err)
	return client
}

func (e engine) info() plugin.AnalyzerInfo {
	e.t.Helper()
	info, err := e.analyzer.GetAnalyzerInfo(e.t.Context())
	require.NoError(e.t, err)
	return info
}

// configure sends unknown names along, as the engine does.
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

func newResource(typ, name string, properties props) plugin.AnalyzerResource {
	return plugin.AnalyzerResource{
		URN:  resource.URN("urn:pulumi:test::project::" + typ + "::" + name),
		Type: tokens.Type(typ), Name: name, Properties: resource.NewPropertyMapFromMap(properties),
	}
}

// evaluate returns the violations of a resource, after its remediations, in the order of the engine.
func (e engine) evaluate(analyzed plugin.AnalyzerResource) ([]plugin.AnalyzeDiagnostic, error) {
	remedied, err := e.analyzer.Remediate(e.t.Context(), analyzed)
	if err != nil {
		return nil, err
	}
	for _, remediation := range remedied.Remediations {
		analyzed.Properties = remediation.Properties
	}
	response, err := e.analyzer.Analyze(e.t.Context(), analyzed)
	return response.Diagnostics, err
}

// violated returns the names of the rules that a resource violates, with their levels.
func (e engine) violated(analyzed plugin.AnalyzerResource) []string {
	e.t.Helper()
	diagnostics, err := e.evaluate(analyzed)
	require.NoError(e.t, err)
	return levels(diagnostics)
}

// evaluateStack returns the violations of a stack, after each of its resources has been evaluated.
func (e engine) evaluateStack(resources ...plugin.AnalyzerResource) []plugin.AnalyzeDiagnostic {
	e.t.Helper()
	var stack []plugin.AnalyzerStackResource
	for _, analyzed := range resources {
		_, err := e.evaluate(analyzed)
		require.NoError(e.t, err)
		stack = append(stack, plugin.AnalyzerStackResource{AnalyzerResource: analyzed})
	}
	response, err := e.analyzer.AnalyzeStack(e.t.Context(), stack)
	require.NoError(e.t, err)
	return response.Diagnostics
}

func levels(diagnostics []plugin.AnalyzeDiagnostic) []string {
	names := map[string]bool{}
	for _, diagnostic := range diagnostics {
		names[diagnostic.PolicyName+" "+string(diagnostic.EnforcementLevel)] = true
	}
	return slices.Sorted(maps.Keys(names))
}
