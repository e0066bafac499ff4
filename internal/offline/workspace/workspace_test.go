package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/clitest"
	"stagecraft/internal/offline/store"
	"stagecraft/internal/offline/workspace"
	"stagecraft/internal/toolchain"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// project is a project on disk with an open workspace.
type project struct {
	*workspace.Workspace

	t            *testing.T
	root, folder string
	cli          *clitest.CLI
}

// newProject writes a project with a stack file, and opens its workspace.
func newProject(t *testing.T, stackFile string) project {
	t.Helper()
	opened := project{t: t, root: t.TempDir(), folder: filepath.Join(t.TempDir(), "workspace"), cli: clitest.New(t)}
	opened.write(opened.root, "Pulumi.yaml",
		"name: garden\nruntime: go\nconfig:\n  size:\n    type: integer\n    default: 2\n")
	opened.write(opened.root, "Pulumi.rose.yaml", stackFile)
	opened.open("/bin/host")
	return opened
}

func (p *project) open(languageHost string) {
	p.t.Helper()
	tools := toolchain.Tools{
		Pulumi: p.cli.Path, Program: "/bin/program", Policy: "/bin/policy", Providers: "/bin/offline", LanguageHost: languageHost,
	}
	var err error
	p.Workspace, err = workspace.Open(p.root, p.folder, tools)
	require.NoError(p.t, err)
}

func (p *project) write(folder, name, content string) {
	p.t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(p.t, os.MkdirAll(filepath.Dir(path), 0o750))
	require.NoError(p.t, os.WriteFile(path, []byte(content), 0o600))
}

func (p *project) read(name string) string {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.folder, name))
	require.NoError(p.t, err)
	return string(content)
}

// state is the path of the stack's state in the workspace.
const state = "backend/.pulumi/stacks/garden/rose.json"

func TestOpenWritesTheProject(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "config:\n  garden:size: 3\n")
	want := strings.Join([]string{
		"name: garden",
		"main: " + opened.root,
		"runtime:",
		"  name: go",
		"  options:",
		"    binary: /bin/program",
		"config:",
		"  size:",
		"    default: 2",
		"    type: integer",
		"plugins:",
		"  providers:",
		"    - name: aws",
		"      path: /bin/offline",
		"    - name: awsx",
		"      path: /bin/offline",
		"  languages:",
		"    - name: go",
		"      path: /bin/host",
		"",
	}, "\n")
	require.YAMLEq(t, want, opened.read("Pulumi.yaml"))
	require.Equal(t, filepath.Join(opened.folder, "backend"), opened.Backend())
	require.DirExists(t, opened.Backend())
	require.DirExists(t, filepath.Join(opened.folder, "home"))
	require.Equal(t, "/bin/policy", opened.PolicyPack())
	require.Equal(t, filepath.Join(opened.folder, "Pulumi.rose.yaml"), opened.StackFile("rose"))

	opened.open("")
	require.NotContains(t, opened.read("Pulumi.yaml"), "languages", "the CLI finds the official host")
}

func TestOpenRejects(t *testing.T) {
	t.Parallel()
	_, err := workspace.Open(t.TempDir(), t.TempDir(), toolchain.Tools{})
	require.ErrorContains(t, err, "Pulumi.yaml")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = workspace.Open(t.TempDir(), file, toolchain.Tools{})
	require.ErrorContains(t, err, "not a directory")
}

func TestSelect(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "secretsprovider: awskms://key\nencryptedkey: abc\nconfig:\n  garden:size: 3\n")
	require.NoError(t, opened.Select(t.Context(), "rose"))
	require.Equal(t, []string{"stack init rose"}, opened.cli.Calls())
	for variable, want := range map[string]string{
		"PULUMI_BACKEND_URL":                          "file://" + opened.Backend(),
		"PULUMI_HOME":                                 filepath.Join(opened.folder, "home"),
		"PULUMI_CONFIG_PASSPHRASE":                    "offline",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
	} {
		require.Equal(t, []string{variable + "=" + want}, opened.cli.Environment(variable+"="))
	}
	require.Equal(t, []string{"PWD=" + opened.folder}, opened.cli.Environment("PWD="))
	require.Equal(t, "config:\n  garden:size: \"3\"\n", opened.read("Pulumi.rose.yaml"),
		"the real stack's encryption is not the offline stack's")

	opened.write(opened.folder, "Pulumi.rose.yaml", "encryptionsalt: v1:salt\nconfig:\n  garden:size: 9\n")
	require.NoError(t, opened.Select(t.Context(), "rose"))
	require.Equal(t, "encryptionsalt: v1:salt\nconfig:\n  garden:size: \"3\"\n", opened.read("Pulumi.rose.yaml"))
	require.Len(t, opened.cli.Calls(), 2, "the CLI has created no state")

	opened.write(opened.folder, state, "{}")
	require.NoError(t, opened.Select(t.Context(), "rose"))
	require.Len(t, opened.cli.Calls(), 2, "the stack exists")
}

func TestSelectRejects(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "config:\n  garden:key:\n    secure: v1:abc\n")
	file := filepath.Join(opened.root, "Pulumi.rose.yaml")
	rejects := func(stack, want string) {
		t.Helper()
		require.ErrorContains(t, opened.Select(t.Context(), stack), want)
	}
	rejects("rose", file+" has encrypted values, which the offline cloud cannot read")
	rejects("lily", `there is no stack "lily": `+opened.root+" has rose")

	opened.write(opened.root, "Pulumi.rose.yaml", "config:\n\tgarden:size: 3\n")
	rejects("rose", file+": invalid YAML file")

	opened.write(opened.root, "Pulumi.rose.yaml", "config: {}\n")
	opened.cli.Answer("stack init", clitest.Answer{Stderr: "error: no space", Code: 3})
	rejects("rose", "creating the offline stack rose: exit status 3\nerror: no space")

	opened.write(opened.folder, state, `{"version": 3, "checkpoint": {`)
	damaged := filepath.Join(opened.folder, state)
	rejects("rose", "the state file "+damaged+" is damaged: it is not JSON. Copy "+damaged+".bak")

	opened.write(opened.folder, "Pulumi.rose.yaml", "- 1\n")
	rejects("rose", filepath.Join(opened.folder, "Pulumi.rose.yaml")+": ")
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "config: {}\n")
	for printed, want := range map[string]bool{
		`{"deployment": {"resources": [{"urn": "a"}]}}`: false,
		`{"deployment": {"resources": []}}`:             true,
		`{"deployment": {}}`:                            true,
	} {
		opened.cli.Answer("stack export", clitest.Answer{Stdout: printed})
		empty, err := opened.Empty(t.Context(), "rose")
		require.NoError(t, err)
		require.Equal(t, want, empty, printed)
	}
	require.Equal(t, "stack export --stack rose", opened.cli.Calls()[0])

	opened.cli.Answer("stack export", clitest.Answer{Stdout: "{"})
	_, err := opened.Empty(t.Context(), "rose")
	require.ErrorContains(t, err, "reading the offline stack rose: unexpected end of JSON input")
	opened.cli.Answer("stack export", clitest.Answer{Stdout: `{"deployment": {}}`, Code: 1})
	_, err = opened.Empty(t.Context(), "rose")
	require.ErrorContains(t, err, "reading the offline stack rose: exit status 1")
}

func TestStore(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, ".stagecraft", "backend"), 0o750))
	require.NoError(t, workspace.Store(root).Update(func(*store.Tx) error { return nil }))
	require.FileExists(t, filepath.Join(root, ".stagecraft", "backend", store.FileName))
}

// TestCommandCheckpoints makes checkpoints in updates only, which can be interrupted.
func TestCommandCheckpoints(t *testing.T) {
	t.Parallel()
	opened := newProject(t, "")
	require.Subset(t, opened.Command(t.Context(), "preview", "--stack", "dev").Env, workspace.WithoutCheckpoints)
	for _, args := range [][]string{{"up", "--stack", "dev"}, {}} {
		require.NotContains(t, opened.Command(t.Context(), args...).Env, workspace.WithoutCheckpoints[1])
	}
}
