// Package delivery_test compares the files of the pipelines with each other, and runs their scripts.
package delivery_test

import (
	"bytes"
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// appspec is the file that CodeDeploy reads in a bundle (CodeDeploy User Guide, "AppSpec file structure").
type appspec struct {
	Version string
	OS      string
	Files   []struct{ Source, Destination string }
	// FileExistsBehavior is DISALLOW, OVERWRITE or RETAIN.
	FileExistsBehavior string `yaml:"file_exists_behavior"`
	Permissions        []struct {
		Object, Pattern, Owner, Group string
		Mode                          int
		Type                          []string
	}
	Hooks map[string][]struct {
		Location string
		Timeout  int
		Runas    string
	}
}

// buildspec is the file that CodeBuild reads (CodeBuild User Guide, "Build specification reference").
type buildspec struct {
	Version string
	Env     struct {
		Shell     string
		Variables map[string]string
	}
	Phases map[string]struct {
		RuntimeVersions map[string]string `yaml:"runtime-versions"`
		Commands        []string
	}
	Artifacts struct {
		BaseDirectory string `yaml:"base-directory"`
		Files         []string
	}
	Cache struct{ Paths []string }
}

// read reads YAML, and rejects unknown keys.
func read[T any](t *testing.T, path string) T {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // it was only read
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var value T
	require.NoError(t, decoder.Decode(&value))
	return value
}

func TestAppspec(t *testing.T) {
	t.Parallel()
	spec := read[appspec](t, "appspec.yml")
	require.Equal(t, "0.0", spec.Version)
	require.Equal(t, "linux", spec.OS)
	require.Equal(t, "OVERWRITE", spec.FileExistsBehavior, "an instance has a site.conf before its first deployment")
	seconds := 0
	for name, hook := range spec.Hooks {
		require.Contains(t, []string{"ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"}, name)
		require.Len(t, hook, 1)
		require.Equal(t, "root", hook[0].Runas)
		info, err := os.Stat(hook[0].Location)
		require.NoError(t, err)
		require.NotZero(t, info.Mode()&0o100, "%s must be executable", hook[0].Location)
		seconds += hook[0].Timeout
	}
	require.Len(t, spec.Hooks, 4)
	require.Less(t, seconds, 3600, "CodeDeploy gives all scripts of a deployment an hour")
	for _, permission := range spec.Permissions {
		require.Equal(t, 755, permission.Mode)
	}
}

// TestBundle compares the files of the bundle with those that appspec.yml installs, and both with the systemd unit.
func TestBundle(t *testing.T) {
	t.Parallel()
	spec := read[appspec](t, "appspec.yml")
	commands := strings.Join(read[buildspec](t, "buildspec-bundle.yml").Phases["build"].Commands, "\n")
	installed := map[string]string{}
	for _, file := range spec.Files {
		installed[file.Source] = file.Destination
		made := strings.Contains(commands, "bundle/"+file.Source+" ")
		copied := strings.Contains(commands, "delivery/"+file.Source+" ")
		require.True(t, made != copied, "%s comes into the bundle one way", file.Source)
		if copied {
			require.FileExists(t, file.Source)
		}
	}
	require.Contains(t, commands, "delivery/hooks ")
	require.Contains(t, commands, "delivery/appspec.yml ")

	unit, err := os.ReadFile("stagecraft.service")
	require.NoError(t, err)
	require.Contains(t, string(unit), "ExecStart="+installed["service"]+"/service\n")
	require.Equal(t, "/etc/systemd/system", installed["stagecraft.service"])
	port := regexp.MustCompile(`Environment=PORT=(\d+)`).FindStringSubmatch(string(unit))
	require.Len(t, port, 2)
	site, err := os.ReadFile("site.conf")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(site), "proxy_pass http://127.0.0.1:"+port[1]+";"))
}

func TestBuildspecs(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("buildspec-*.yml")
	require.NoError(t, err)
	require.Len(t, paths, 5)
	// handedOn are the files that deployments read, and the build that creates them.
	handedOn := map[string][]string{
		"buildspec-bundle.yml":   {"bundle", "**/*"},
		"buildspec-function.yml": {"function", "bootstrap"},
		"buildspec-image.yml":    {"", "imagedefinitions-*.json"},
	}
	for _, path := range paths {
		spec := read[buildspec](t, path)
		require.Equal(t, "0.2", spec.Version)
		require.Equal(t, "bash", spec.Env.Shell)
		require.Equal(t, map[string]string{"golang": "latest"}, spec.Phases["install"].RuntimeVersions)
		require.NotEmpty(t, spec.Phases["build"].Commands)
		for phase, steps := range spec.Phases {
			require.Contains(t, []string{"install", "build"}, phase)
			requireSoundShell(t, "#!/bin/bash\n"+strings.Join(steps.Commands, "\n")+"\n")
		}
		if want, ok := handedOn[path]; ok {
			require.Equal(t, want, append([]string{spec.Artifacts.BaseDirectory}, spec.Artifacts.Files...))
			require.Equal(t, map[string]string{"CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": "arm64"}, spec.Env.Variables)
		} else {
			require.Empty(t, spec.Artifacts.Files)
		}
	}
}

// TestImage compares the Dockerfile with the files in its build context.
func TestImage(t *testing.T) {
	t.Parallel()
	commands := read[buildspec](t, "buildspec-image.yml").Phases["build"].Commands
	text, err := os.ReadFile("../app/Dockerfile")
	require.NoError(t, err)
	instructions := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); !strings.HasPrefix(line, "#") {
			require.GreaterOrEqual(t, len(words), 2, line)
			instructions[words[0]] = append(instructions[words[0]], strings.Join(words[1:], " "))
		}
	}
	copied := map[string]string{}
	for _, instruction := range instructions["COPY"] {
		words := strings.Fields(instruction)
		for _, file := range words[:len(words)-1] {
			target := words[len(words)-1]
			if strings.HasSuffix(target, "/") {
				target += file
			}
			copied[file] = target
			require.Contains(t, strings.Join(commands[:len(commands)-2], "\n"), "context/"+file, "the build must make %s", file)
		}
	}
	require.Equal(t, map[string]string{
		"service":               "/service",
		"ca-certificates.crt":   "/etc/ssl/certs/ca-certificates.crt",   // where Go looks first
		"rds-global-bundle.pem": "/etc/ssl/certs/rds-global-bundle.pem", // DATABASE_CA_FILE's default
	}, copied)
	delete(instructions, "COPY")
	require.Equal(t, map[string][]string{
		"FROM": {"scratch"}, "USER": {"65532:65532"}, "EXPOSE": {"8080"}, "ENTRYPOINT": {`["/service"]`},
	}, instructions)
	require.Equal(t, []string{"docker build --file app/Dockerfile --tag service context", "bash delivery/push.sh"},
		commands[len(commands)-2:])
}

// TestBuilds runs the commands of the builds, with fakes of Go, Docker and the network, and compares the files that they
// create with their artifacts.
func TestBuilds(t *testing.T) {
	t.Parallel()
	const makeOutput = `
while (($#)); do
  case $1 in
    -C) cd "$2" ;;
    -o) mkdir -p "$(dirname "$2")" && touch "$2" ;;
  esac
  shift
done`
	here, err := os.Getwd()
	require.NoError(t, err)
	for path, want := range map[string][]string{
		"buildspec-bundle.yml": {
			"appspec.yml", "hooks", "rds-global-bundle.pem", "service", "site.conf", "stagecraft.service",
		},
		"buildspec-function.yml": {"bootstrap"},
		"buildspec-image.yml":    {"imagedefinitions-users.json"},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			spec := read[buildspec](t, path)
			m, dir := newMachine(t, map[string]string{
				"go": makeOutput, "curl": makeOutput, "aws": "",
				// The file exists in the build's image, but not necessarily where the test runs.
				"cp":     `[[ $1 == /etc/pki/* ]] && touch "$2" || /bin/cp "$@"`,
				"docker": `[[ $1 != build ]] || (cd context && ls >../built)`,
			}), t.TempDir()
			require.NoError(t, os.Symlink(here, filepath.Join(dir, "delivery")))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "app"), 0o700))
			script := filepath.Join(t.TempDir(), "build.sh")
			commands := "set -e\n" + strings.Join(spec.Phases["build"].Commands, "\n")
			require.NoError(t, os.WriteFile(script, []byte(commands), 0o600))
			_, output, err := m.run(t, dir, script, []string{
				"CODEBUILD_RESOLVED_SOURCE_VERSION=1", "SERVICES=users,app,registry/users",
			})
			require.NoError(t, err, output)
			var made []string
			for _, pattern := range spec.Artifacts.Files {
				found, err := filepath.Glob(filepath.Join(dir, spec.Artifacts.BaseDirectory, strings.TrimPrefix(pattern, "**/")))
				require.NoError(t, err)
				for _, file := range found {
					made = append(made, filepath.Base(file))
				}
			}
			require.Equal(t, want, made)
			if path == "buildspec-image.yml" {
				built, err := os.ReadFile(filepath.Join(dir, "built"))
				require.NoError(t, err)
				require.Equal(t, "ca-certificates.crt\nrds-global-bundle.pem\nservice\n", string(built))
			}
		})
	}
}

// TestPrograms compares the programs that the builds compile with the existing ones.
func TestPrograms(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("buildspec-*.yml")
	require.NoError(t, err)
	programs := regexp.MustCompile(`go build -C app -trimpath (?:-tags [a-z.]+ )?-o \.\./[a-z]+/[a-z]+ \./(cmd/[a-z]+)`)
	compiled := map[string]string{}
	for _, path := range paths {
		for _, command := range read[buildspec](t, path).Phases["build"].Commands {
			if strings.HasPrefix(command, "go build") {
				found := programs.FindStringSubmatch(command)
				require.Len(t, found, 2, command)
				require.FileExists(t, filepath.Join("..", "app", found[1], "main.go"))
				compiled[path] = found[1]
			}
		}
	}
	require.Equal(t, map[string]string{
		"buildspec-bundle.yml": "cmd/service", "buildspec-function.yml": "cmd/function", "buildspec-image.yml": "cmd/service",
	}, compiled)
}

// requireSoundShell checks a script with bash, and with shellcheck where it is installed.
func requireSoundShell(t *testing.T, script string) {
	t.Helper()
	for _, check := range [][]string{{"bash", "-n"}, {"shellcheck", "-"}} {
		if _, err := exec.LookPath(check[0]); err != nil && check[0] == "shellcheck" {
			continue
		}
		command := exec.Command(check[0], check[1:]...)
		command.Stdin = strings.NewReader(script)
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s\n%s", output, script)
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	hooks, err := filepath.Glob("hooks/*.sh")
	require.NoError(t, err)
	require.Len(t, hooks, 4)
	for _, path := range append(hooks, "install-pulumi.sh", "pulumi.sh", "push.sh", "review.sh", "../components/delivery/agent.sh") {
		script, err := os.ReadFile(path)
		require.NoError(t, err)
		requireSoundShell(t, string(script))
	}
}

// machine has the commands that a script may call; they record their calls.
type machine struct{ dir string }

// newMachine returns a machine with commands, each with the shell code that it runs.
func newMachine(t *testing.T, commands map[string]string) machine {
	t.Helper()
	m := machine{t.TempDir()}
	for name, code := range commands {
		script := "#!/bin/bash\necho \"" + name + " $*\" >>" + m.dir + "/calls\n" + code + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(m.dir, name), []byte(script), 0o700))
	}
	return m
}

// run runs a script, and returns its calls and its output.
func (m machine) run(t *testing.T, dir, script string, env []string, arguments ...string) (calls, output string, err error) {
	t.Helper()
	path, err := filepath.Abs(script)
	require.NoError(t, err)
	command := exec.Command("bash", append([]string{path}, arguments...)...)
	command.Dir = dir
	command.Env = append([]string{"PATH=" + m.dir + ":" + os.Getenv("PATH"), "TMPDIR=" + m.dir}, env...)
	said, err := command.CombinedOutput()
	called, _ := os.ReadFile(filepath.Join(m.dir, "calls"))
	return string(called), string(said), err
}

func TestStop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ state, want string }{
		"runs":      {"exit 0", "systemctl is-active --quiet stagecraft\nsystemctl stop stagecraft\n"},
		"not there": {"exit 4", "systemctl is-active --quiet stagecraft\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, map[string]string{"systemctl": test.state})
			calls, output, err := m.run(t, "", "hooks/stop.sh", nil)
			require.NoError(t, err, output)
			require.Equal(t, test.want, calls)
		})
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	m := newMachine(t, map[string]string{"systemctl": "", "nginx": ""})
	calls, output, err := m.run(t, "", "hooks/start.sh", nil)
	require.NoError(t, err, output)
	require.Equal(t, []string{
		"systemctl daemon-reload", "systemctl enable stagecraft", "systemctl restart stagecraft", "nginx -t",
		"systemctl reload-or-restart nginx",
	}, strings.Split(strings.TrimSpace(calls), "\n"))

	m = newMachine(t, map[string]string{"systemctl": "", "nginx": "exit 1"})
	calls, _, err = m.run(t, "", "hooks/start.sh", nil)
	require.Error(t, err)
	require.NotContains(t, calls, "reload-or-restart nginx", "a broken configuration must not be loaded")
}

func TestValidate(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			response.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(server.Close)
	m := newMachine(t, nil)
	_, output, err := m.run(t, "", "hooks/validate.sh", []string{"PAUSE=0"}, server.URL)
	require.NoError(t, err, output)
	require.EqualValues(t, 3, asked.Load(), "it waits until the service answers")

	broken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(broken.Close)
	_, output, err = m.run(t, "", "hooks/validate.sh", []string{"PAUSE=0"}, broken.URL)
	require.Error(t, err)
	require.Contains(t, output, broken.URL+" does not answer")
}

// metadata answers like the instance metadata service, to requests with a token.
const metadata = `
url=${!#}
case "$*" in
  *"-X PUT"*/api/token) echo token-1 ;;
  *"X-aws-ec2-metadata-token: token-1"*)
    case ${url} in
      */placement/region) echo eu-west-1 ;;
      */tags/instance/Project) echo stagecraft ;;
      */tags/instance/Stack) echo test ;;
      *) exit 22 ;;
    esac ;;
  *) exit 22 ;;
esac`

func TestConfigure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ parameters, want string }{
		"parameters": {
			`printf '%s\t%s\n' /stagecraft/test/service/DATABASE_WRITER db:5432 /stagecraft/test/service/CACHE_TTL '5 s'`,
			"AWS_REGION=eu-west-1\nDATABASE_WRITER=db:5432\nCACHE_TTL=5 s\n",
		},
		"none": {"", "AWS_REGION=eu-west-1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, map[string]string{"curl": metadata, "aws": test.parameters})
			file := filepath.Join(t.TempDir(), "etc", "service.env")
			calls, output, err := m.run(t, "", "hooks/configure.sh", nil, file)
			require.NoError(t, err, output)
			require.Contains(t, calls, "aws ssm get-parameters-by-path --region eu-west-1 --path /stagecraft/test/service ")
			written, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, test.want, string(written))
		})
	}
}

// A service whose settings cannot be read must not start with some of them.
func TestConfigureKeepsWhatItHasOnFailure(t *testing.T) {
	t.Parallel()
	m := newMachine(t, map[string]string{"curl": metadata, "aws": "exit 254"})
	file := filepath.Join(t.TempDir(), "service.env")
	require.NoError(t, os.WriteFile(file, []byte("OLD=1\n"), 0o600))
	_, _, err := m.run(t, "", "hooks/configure.sh", nil, file)
	require.Error(t, err)
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "OLD=1\n", string(written))
}

// readPassword has the fake docker read the password: the writer must not fail on a closed pipe.
const readPassword = "[[ $1 != login ]] || cat >/dev/null\n"

func TestPush(t *testing.T) {
	t.Parallel()
	const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
	env := []string{
		"CODEBUILD_RESOLVED_SOURCE_VERSION=0123abc",
		"SERVICES=users,app," + registry + "/users signups,main," + registry + "/signups",
	}
	// The service users already has the image.
	m, dir := newMachine(t, map[string]string{
		"aws": "echo password", "docker": readPassword + `[[ $1 != manifest || $3 == */users:0123abc ]] || exit 1`,
	}), t.TempDir()
	calls, output, err := m.run(t, dir, "push.sh", env)
	require.NoError(t, err, output)
	lines := strings.Split(strings.TrimSpace(calls), "\n")
	require.ElementsMatch(t, []string{ // both ends of a pipe start at once
		"aws ecr get-login-password", "docker login --username AWS --password-stdin " + registry,
	}, lines[:2])
	require.Equal(t, []string{
		"docker manifest inspect " + registry + "/users:0123abc",
		"docker manifest inspect " + registry + "/signups:0123abc",
		"docker tag service " + registry + "/signups:0123abc",
		"docker push --quiet " + registry + "/signups:0123abc",
	}, lines[2:])
	for file, want := range map[string]string{
		"imagedefinitions-users.json":   `[{"name": "app", "imageUri": "` + registry + `/users:0123abc"}]`,
		"imagedefinitions-signups.json": `[{"name": "main", "imageUri": "` + registry + `/signups:0123abc"}]`,
	} {
		written, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		require.JSONEq(t, want, string(written))
	}
}

// What was not pushed must not be deployed.
func TestPushFails(t *testing.T) {
	t.Parallel()
	for _, failing := range []string{"login", "push"} {
		m, dir := newMachine(t, map[string]string{
			"aws": "echo password", "docker": readPassword + `[[ $1 != manifest && $1 != ` + failing + ` ]] || exit 1`,
		}), t.TempDir()
		_, _, err := m.run(t, dir, "push.sh", []string{"CODEBUILD_RESOLVED_SOURCE_VERSION=1", "SERVICES=users,app,registry/users"})
		require.Error(t, err)
		require.NoFileExists(t, filepath.Join(dir, "imagedefinitions-users.json"))
	}
}

// TestReview reviews three stacks, of which the base has two.
func TestReview(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stagecraft, report string
		code               int
	}{
		"sound": {
			`echo "$1 of ${@: -1}"`,
			"diff of Pulumi.a.yaml\n\n## b (new stack)\n\n```text\npreview of b\n```\n\ndiff of Pulumi.c.yaml\n\n", 0,
		},
		"data at risk": {
			`echo "$1"; [[ $* != *c.yaml ]] || exit 2`, "diff\n\n## b (new stack)\n\n```text\npreview\n```\n\ndiff\n\n", 2,
		},
		"failed": {
			`exit 1`, "## a: the review failed, and the log says why\n\n## b (new stack)\n\n```text\n\n```\n\n" +
				"## c: the review failed, and the log says why\n\n", 1,
		},
		"new stack failed": {
			`echo "$1"; [[ $1 == diff ]]`, "diff\n\n## b (new stack)\n\n```text\npreview\n```\n\ndiff\n\n", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMachine(t, nil), t.TempDir()
			write := func(name, text string, mode os.FileMode) {
				path := filepath.Join(dir, name)
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
				require.NoError(t, os.WriteFile(path, []byte(text), mode))
			}
			write("bin/stagecraft", "#!/bin/bash\necho \"$*\" >>"+m.dir+"/calls\n"+test.stagecraft+"\n", 0o700)
			for _, name := range []string{"Pulumi.a.yaml", "Pulumi.b.yaml", "Pulumi.c.yaml", "base/Pulumi.a.yaml", "base/Pulumi.c.yaml"} {
				write(name, "", 0o600)
			}
			calls, output, err := m.run(t, dir, "review.sh", nil, "base")
			if test.code == 0 {
				require.NoError(t, err, output)
			} else {
				var failed *exec.ExitError
				require.ErrorAs(t, err, &failed)
				require.Equal(t, test.code, failed.ExitCode())
			}
			require.Equal(t, "diff --base base --format markdown a Pulumi.a.yaml\npreview --stack b\n"+
				"diff --base base --format markdown c Pulumi.c.yaml\n", calls)
			report, err := os.ReadFile(filepath.Join(dir, "bin/review.md"))
			require.NoError(t, err)
			require.Equal(t, test.report, string(report))
		})
	}
}

func TestPulumi(t *testing.T) {
	t.Parallel()
	const show = `[[ -z ${AWS_PROFILE:-} ]] || { echo "as ${AWS_PROFILE}"; cat "${AWS_CONFIG_FILE}"; }`
	for name, test := range map[string]struct {
		command, role string
		policy        bool
		calls, says   string
	}{
		"preview": {
			command: "preview", calls: "pulumi preview --stack test --non-interactive --diff\n",
		},
		"preview with the policy pack": {
			command: "preview", policy: true, calls: "pulumi preview --stack test --non-interactive --diff --policy-pack policy\n",
		},
		"update as the deploy role": {
			command: "up", role: "arn:aws:iam::123456789012:role/deploy", policy: true,
			calls: "pulumi up --stack test --non-interactive --diff --yes --policy-pack policy\n",
			says: "as deploy\n[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nrole_session_name = pulumi\n" +
				"credential_source = EcsContainer\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMachine(t, map[string]string{"pulumi": show}), t.TempDir()
			if test.policy {
				require.NoError(t, os.Mkdir(filepath.Join(dir, "policy"), 0o700))
			}
			env := []string{"PULUMI_COMMAND=" + test.command, "PULUMI_STACK=test"}
			if test.role != "" {
				env = append(env, "DEPLOY_ROLE_ARN="+test.role)
			}
			calls, output, err := m.run(t, dir, "pulumi.sh", env)
			require.NoError(t, err, output)
			require.Equal(t, test.calls, calls)
			require.Equal(t, test.says, output)
		})
	}
}

func TestPulumiRefuses(t *testing.T) {
	t.Parallel()
	m := newMachine(t, map[string]string{"pulumi": ""})
	calls, output, err := m.run(t, "", "pulumi.sh", []string{"PULUMI_COMMAND=destroy", "PULUMI_STACK=test"})
	require.Error(t, err)
	require.Empty(t, calls)
	require.Contains(t, output, "PULUMI_COMMAND is destroy: it must be preview or up")
}

// TestSite checks the configuration with nginx, in the server blocks of an instance, where nginx is installed.
func TestSite(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("nginx"); err != nil {
		t.Skip("nginx is not installed")
	}
	site, err := filepath.Abs("site.conf")
	require.NoError(t, err)
	for name, redirect := range map[string]string{"HTTP": "", "HTTPS": "location / { return 301 https://$host$request_uri; }"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			configuration := "pid " + dir + "/pid; error_log stderr; events {} http { access_log off; server { listen 127.0.0.1:1; include " +
				site + "; " + redirect + " } }"
			path := filepath.Join(dir, "nginx.conf")
			require.NoError(t, os.WriteFile(path, []byte(configuration), 0o600))
			var output bytes.Buffer
			command := exec.Command("nginx", "-t", "-c", path, "-p", dir)
			command.Stdout, command.Stderr = &output, &output
			require.NoError(t, command.Run(), output.String())
		})
	}
}

// TestLastRelease checks that a new server runs the last release, unless there is none or CodeDeploy installs it.
func TestLastRelease(t *testing.T) {
	t.Parallel()
	const (
		installed = "systemctl stop codedeploy-agent\n" +
			"codedeploy-local --bundle-location s3://artifacts/bundle/1 --type zip --deployment-group group-1\n" +
			"systemctl start codedeploy-agent\n"
		// Metadata of a server that is in no group.
		alone = `case $* in */autoscaling/*) exit 22 ;; *) echo metadata ;; esac`
		began = "opt/codedeploy-agent/first-release"
	)
	missing := "echo 'An error occurred (DeploymentGroupDoesNotExistException) when calling' >&2; exit 254"
	for name, test := range map[string]struct {
		group, want string
		curl, local string
		there       []string
		says        string
		fails       bool
	}{
		"after a release":          {group: "echo group-1 d-1 None", want: installed},
		"in a group that is not":   {group: "echo group-1 d-1 None", curl: "echo metadata", want: installed},
		"before the first release": {group: "echo group-1 None None"},
		"in a group that is known": {group: "echo group-1 d-1 web", curl: "echo metadata"},
		"beside a known group":     {group: "echo group-1 d-1 web", want: installed},
		"before CodeDeploy":        {group: missing},
		"after it was deployed to": {group: "echo group-1 d-1 None", there: []string{"opt/stagecraft"}},
		"after a failure":          {group: "echo group-1 d-1 None", there: []string{"opt/stagecraft", began}, want: installed},
		"with a broken release":    {group: "echo group-1 d-1 None", local: "exit 3", want: installed, fails: true},
		"without permission":       {group: "echo AccessDenied >&2; exit 254", says: "AccessDenied", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, map[string]string{
				"aws":  "case $2 in get-deployment-group) " + test.group + ";; *) echo artifacts bundle/1 zip;; esac",
				"curl": cmp.Or(test.curl, alone), "dnf": "", "flock": "", "ruby": "", "systemctl": "", "codedeploy-local": test.local,
			})
			for _, folder := range []string{"run", "opt/codedeploy-agent/bin"} {
				require.NoError(t, os.MkdirAll(filepath.Join(m.dir, folder), 0o750))
			}
			for _, file := range test.there {
				require.NoError(t, os.WriteFile(filepath.Join(m.dir, file), nil, 0o600))
			}
			local := filepath.Join(m.dir, "opt/codedeploy-agent/bin/codedeploy-local")
			require.NoError(t, os.Symlink(filepath.Join(m.dir, "codedeploy-local"), local))
			calls, output, err := m.run(t, "", "../components/delivery/agent.sh", []string{"ROOT=" + m.dir})
			require.Equal(t, test.fails, err != nil, output)
			require.Contains(t, output, test.says)
			require.Equal(t, test.want != "", strings.Contains(calls, "codedeploy-local"), calls)
			require.Contains(t, calls, test.want)
			_, err = os.Stat(filepath.Join(m.dir, began))
			require.Equal(t, test.fails && test.want != "", err == nil, "what failed begins again")
		})
	}
}
