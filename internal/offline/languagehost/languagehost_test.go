package languagehost_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"stagecraft/internal/offline/languagehost"
)

const (
	patience = 20 * time.Second
	engine   = "127.0.0.1:1" // nothing answers there, and no test lives long enough to ask
)

// prebuilt is testdata/program, built once; home is the tests' PULUMI_HOME.
var prebuilt, home string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "languagehost")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		home, prebuilt = filepath.Join(dir, "home"), filepath.Join(dir, "program")
		if err := os.Setenv("PULUMI_HOME", home); err != nil {
			panic(err)
		}
		if out, err := exec.Command("go", "build", "-o", prebuilt, "./testdata/program").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v: %s", err, out))
		}
		return m.Run()
	}())
}

// output collects what the host writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// served is a running host: a client of it, what it wrote, how to stop it, and how its end is seen.
type served struct {
	pulumirpc.LanguageRuntimeClient
	stdout, stderr *output
	stop           context.CancelFunc
	done           <-chan error
}

// serve starts a host, and expects it to end well after the test.
func serve(t *testing.T) served {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	host := served{stdout: &output{}, stderr: &output{}, stop: stop, done: done}
	go func() {
		done <- languagehost.Serve(ctx, engine, host.stdout, host.stderr)
		close(done)
	}()
	require.Eventually(t, func() bool { return strings.HasSuffix(host.stdout.String(), "\n") }, patience, time.Millisecond)
	port := strings.TrimSpace(host.stdout.String())
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	host.LanguageRuntimeClient = pulumirpc.NewLanguageRuntimeClient(conn)
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
		require.NoError(t, conn.Close())
	})
	return host
}

func program(t *testing.T, dir string, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	s, err := structpb.NewStruct(options)
	require.NoError(t, err)
	return &pulumirpc.ProgramInfo{RootDirectory: "/root", ProgramDirectory: dir, EntryPoint: ".", Options: s}
}

// folder writes files, by name, to a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func TestGetRequiredPackages(t *testing.T) {
	t.Parallel()
	repository, err := filepath.Abs("../../..")
	require.NoError(t, err)
	gomod, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	require.NoError(t, err)
	aws := regexp.MustCompile(`github.com/pulumi/pulumi-aws/sdk/v6 v(\S+)`).FindSubmatch(gomod)
	require.NotNil(t, aws)
	ofRepository := []string{"aws " + string(aws[1]), "awsx 2.22.0", "docker 4.5.8", "docker-build 0.0.3"}
	for name, tc := range map[string]struct {
		dir     string
		binary  string
		want    []string // name, version, server, parameterization
		wantErr []string
	}{
		"this repository":       {dir: repository, want: ofRepository},
		"a folder below go.mod": {dir: filepath.Join(repository, "internal"), want: ofRepository},
		"no module of Pulumi":   {dir: folder(t, map[string]string{"go.mod": "module m\n\ngo 1.22\n"})},
		"replaced modules": {
			dir: folder(t, map[string]string{
				"go.mod": `module m

go 1.22

require (
	example.com/a v1.2.3
	example.com/b v1.0.0 // indirect
	example.com/c v1.0.0
	example.com/absent v1.0.0
)

replace (
	example.com/a => ./a
	example.com/b => ./b
	example.com/c => ./c
)
`,
				"a/go.mod":             "module example.com/a\n",
				"a/pulumi-plugin.json": `{"resource": true, "name": "first"}`,
				"b/go.mod":             "module example.com/b\n",
				"b/lib/pulumi-plugin.json": `{
					"resource": true, "name": "base", "version": "0.1.0", "server": "https://example.com",
					"parameterization": {"name": "second", "version": "2.0.0", "value": "eA=="}
				}`,
				"c/go.mod":                  "module example.com/c\n",
				"c/go/c/pulumi-plugin.json": `{"resource": false, "name": "third"}`,
			}),
			want: []string{"first v1.2.3", "base 0.1.0 https://example.com second 2.0.0 x"},
		},
		"go.mod with an error": {
			dir:     folder(t, map[string]string{"go.mod": "module m\n\ngo 1.22\n\nrequire example.com/a\n"}),
			wantErr: []string{"go.mod:5:", "usage: require module/path v1.2.3"},
		},
		"plugin file with an error": {
			dir: folder(t, map[string]string{
				"go.mod":               "module m\n\ngo 1.22\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => ./a\n",
				"a/go.mod":             "module example.com/a\n",
				"a/pulumi-plugin.json": `{`,
			}),
			wantErr: []string{"pulumi-plugin.json of module example.com/a", "unexpected end of JSON"},
		},
		"plugin without a name": {
			dir: folder(t, map[string]string{
				"go.mod":               "module m\n\ngo 1.22\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => ./a\n",
				"a/go.mod":             "module example.com/a\n",
				"a/pulumi-plugin.json": `{"resource": true}`,
			}),
			wantErr: []string{"pulumi-plugin.json of module example.com/a does not name its plugin"},
		},
		"no go.mod":           {dir: folder(t, nil), wantErr: []string{"no go.mod in it or above it"}},
		"no go.mod, prebuilt": {dir: folder(t, nil), binary: "program"},
		"go.mod with an error, prebuilt": {
			dir: folder(t, map[string]string{"go.mod": "?"}), binary: "program",
			wantErr: []string{"go.mod:1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, err := serve(t).GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{
				Info: program(t, tc.dir, map[string]any{"binary": tc.binary}),
			})
			if tc.wantErr != nil {
				for _, text := range tc.wantErr {
					require.ErrorContains(t, err, text)
				}
				return
			}
			require.NoError(t, err)
			var got []string
			for _, p := range resp.GetPackages() {
				require.Equal(t, "resource", p.GetKind())
				require.Nil(t, p.GetExtension())
				x := p.GetParameterization()
				got = append(got, strings.TrimRight(fmt.Sprintf("%s %s %s %s %s %s",
					p.GetName(), p.GetVersion(), p.GetServer(), x.GetName(), x.GetVersion(), x.GetValue()), " "))
			}
			require.ElementsMatch(t, tc.want, got)
		})
	}
}

func TestGetProgramDependencies(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"go.mod": "module m\n\ngo 1.22\n\n" +
			"require example.com/a v1.0.0\n\nrequire example.com/b v2.0.0+incompatible // indirect\n",
	})
	host := serve(t)
	for transitive, want := range map[bool]string{
		false: "example.com/a@v1.0.0",
		true:  "example.com/a@v1.0.0 example.com/b@v2.0.0+incompatible",
	} {
		resp, err := host.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{
			Info: program(t, dir, nil), TransitiveDependencies: transitive,
		})
		require.NoError(t, err)
		var got []string
		for _, d := range resp.GetDependencies() {
			got = append(got, d.GetName()+"@"+d.GetVersion())
		}
		require.Equal(t, want, strings.Join(got, " "))
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	host := serve(t)
	about, err := host.About(t.Context(), &pulumirpc.AboutRequest{Info: program(t, t.TempDir(), nil)})
	require.NoError(t, err)
	require.FileExists(t, about.GetExecutable())
	require.Contains(t, about.GetVersion(), runtime.GOOS+"/"+runtime.GOARCH)
	info, err := host.GetPluginInfo(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	require.Empty(t, info.GetVersion())
}

func TestRunEnvironment(t *testing.T) {
	t.Parallel()
	host := serve(t)
	pwd, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	resp, err := host.Run(t.Context(), &pulumirpc.RunRequest{
		Info:             program(t, filepath.Dir(prebuilt), map[string]any{"binary": "program"}),
		Organization:     "org",
		Project:          "proj",
		Stack:            "dev",
		Config:           map[string]string{"proj:stage": "1"},
		ConfigSecretKeys: []string{"proj:token"},
		DryRun:           true,
		Parallel:         7,
		MonitorAddress:   "monitor:1",
		Pwd:              pwd,
		Args: []string{
			"env", "PULUMI_ORGANIZATION", "PULUMI_PROJECT", "PULUMI_ROOT_DIRECTORY", "PULUMI_STACK", "PULUMI_CONFIG",
			"PULUMI_CONFIG_SECRET_KEYS", "PULUMI_DRY_RUN", "PULUMI_PARALLEL", "PULUMI_MONITOR", "PULUMI_ENGINE",
			"PULUMI_HOME",
		},
	})
	require.NoError(t, err)
	require.Empty(t, resp.GetError())
	require.False(t, resp.GetBail())
	_, got, _ := strings.Cut(host.stdout.String(), "\n") // the first line is the port
	require.Equal(t, `PULUMI_ORGANIZATION=org
PULUMI_PROJECT=proj
PULUMI_ROOT_DIRECTORY=/root
PULUMI_STACK=dev
PULUMI_CONFIG={"proj:stage":"1"}
PULUMI_CONFIG_SECRET_KEYS=["proj:token"]
PULUMI_DRY_RUN=true
PULUMI_PARALLEL=7
PULUMI_MONITOR=monitor:1
PULUMI_ENGINE=`+engine+`
PULUMI_HOME=`+home+`
wd `+pwd+` <nil>
`, got)
}

func TestRun(t *testing.T) {
	t.Parallel()
	text := folder(t, map[string]string{"program": "not executable"})
	binary := map[string]any{"binary": prebuilt}
	for name, tc := range map[string]struct {
		dir        string
		options    map[string]any
		args       []string
		debug      bool
		bail       bool
		respErr    string
		err        []string
		wantStderr string
	}{
		"exit 0": {options: binary},
		"exit 3": {
			options: binary, args: []string{"exit", "3"},
			respErr: "program " + prebuilt + " failed: exit status 3", wantStderr: "to stderr\n",
		},
		"bail":   {options: binary, args: []string{"exit", "32"}, bail: true, wantStderr: "to stderr\n"},
		"killed": {options: binary, args: []string{"killed"}, respErr: "signal: killed"},
		"compiled": {
			dir: "testdata/program", args: []string{"exit", "4"},
			respErr: "exit status 4", wantStderr: "to stderr\n",
		},
		"binary is missing": {
			dir: text, options: map[string]any{"binary": "bin/none"},
			err: []string{filepath.Join(text, "bin/none"), "no such file", "build it with `go build -o`"},
		},
		"binary is no program": {
			dir: text, options: map[string]any{"binary": "program"},
			err: []string{filepath.Join(text, "program"), "permission denied", "build it with"},
		},
		"binary is a folder": {options: map[string]any{"binary": text}, err: []string{text, "is a directory"}},
		"binary is no text":  {options: map[string]any{"binary": true}, err: []string{"true is not text"}},
		"does not compile": {
			dir: folder(t, map[string]string{
				"go.mod": "module m\n", "main.go": "package main\n\nfunc main() { undefined() }\n",
			}),
			err:        []string{"go build in ", "exit status 1"},
			wantStderr: "undefined: undefined",
		},
		"no main package": {
			dir: folder(t, map[string]string{"go.mod": "module m\n", "lib.go": "package lib\n"}),
			err: []string{"holds no Go program: its package is not called main"},
		},
		"debugger": {debug: true, err: []string{"cannot attach a debugger"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := filepath.Abs(tc.dir)
			require.NoError(t, err)
			host := serve(t)
			resp, err := host.Run(t.Context(), &pulumirpc.RunRequest{
				Info: program(t, dir, tc.options), Args: tc.args, AttachDebugger: tc.debug,
			})
			for _, text := range tc.err {
				require.ErrorContains(t, err, text)
			}
			if tc.err == nil {
				require.NoError(t, err)
			}
			require.Equal(t, tc.bail, resp.GetBail())
			require.Contains(t, resp.GetError(), tc.respErr)
			require.Equal(t, tc.respErr == "", resp.GetError() == "")
			require.Contains(t, host.stderr.String(), tc.wantStderr)
			require.Equal(t, tc.wantStderr == "", host.stderr.String() == "", host.stderr)
		})
	}
}

func TestBuildIsKeptBelowPulumiHome(t *testing.T) {
	t.Parallel()
	const main = "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() { fmt.Println(os.Args[0]) }\n"
	dir := folder(t, map[string]string{"go.mod": "module m\n\ngo 1.22\n", "main.go": main})
	built := func() os.FileInfo {
		host := serve(t)
		resp, err := host.Run(t.Context(), &pulumirpc.RunRequest{Info: program(t, dir, nil)})
		require.NoError(t, err)
		require.Empty(t, resp.GetError(), host.stderr)
		_, path, _ := strings.Cut(host.stdout.String(), "\n")
		require.Equal(t, filepath.Join(home, "stagecraft", "build"), filepath.Dir(path))
		info, err := os.Stat(strings.TrimSpace(path))
		require.NoError(t, err)
		return info
	}
	first, second := built(), built()
	require.True(t, os.SameFile(first, second), "an unchanged program is not linked again")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing is written to the program's folder")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(main+"\nvar X = 1\n"), 0o600))
	require.False(t, os.SameFile(first, built()), "a changed program is")
}

// TestBuildWithRelativePulumiHome cannot run beside others: the environment belongs to the process.
func TestBuildWithRelativePulumiHome(t *testing.T) {
	t.Setenv("PULUMI_HOME", "home")
	wd := t.TempDir()
	t.Chdir(wd)
	dir := folder(t, map[string]string{"go.mod": "module m\n", "main.go": "package main\n\nfunc main() {}\n"})
	resp, err := serve(t).Run(t.Context(), &pulumirpc.RunRequest{Info: program(t, dir, nil)})
	require.NoError(t, err)
	require.Empty(t, resp.GetError())
	require.DirExists(t, filepath.Join(wd, "home", "stagecraft", "build"))
	require.NoDirExists(t, filepath.Join(dir, "home"))
}

// drained is what a plugin wrote, its exit code and the error that ended the stream.
func drained(
	stream grpc.ServerStreamingClient[pulumirpc.RunPluginResponse],
) (stdout, stderr string, code *int32, err error) {
	for {
		resp, err := stream.Recv()
		if err != nil {
			return stdout, stderr, code, err
		}
		stdout += string(resp.GetStdout())
		stderr += string(resp.GetStderr())
		if exit, ok := resp.GetOutput().(*pulumirpc.RunPluginResponse_Exitcode); ok {
			code = &exit.Exitcode
		}
	}
}

func TestRunPlugin(t *testing.T) {
	t.Parallel()
	pwd, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	source, err := filepath.Abs("testdata/program")
	require.NoError(t, err)
	var talk strings.Builder
	for i := range 1000 {
		fmt.Fprintln(&talk, i)
	}
	for name, tc := range map[string]struct {
		dir            string
		options        map[string]any
		args           []string
		debug          bool
		stdout, stderr string
		code           int32
		err            string
	}{
		"environment": {
			dir: source, args: []string{"env", "GIVEN", "PULUMI_HOME"},
			stdout: "GIVEN=yes\nPULUMI_HOME=\nwd " + pwd + " <nil>\n",
		},
		"exit code": {dir: source, args: []string{"exit", "5"}, stdout: "to stdout\n", stderr: "to stderr\n", code: 5},
		"prebuilt": {
			options: map[string]any{"binary": prebuilt}, args: []string{"exit", "0"},
			stdout: "to stdout\n", stderr: "to stderr\n",
		},
		"stdout and stderr at once": {
			options: map[string]any{"binary": prebuilt}, args: []string{"talk"},
			stdout: talk.String(), stderr: talk.String(),
		},
		"killed":            {options: map[string]any{"binary": prebuilt}, args: []string{"killed"}, code: -1},
		"binary is missing": {options: map[string]any{"binary": "/none"}, err: "stat /none: no such file"},
		"does not compile":  {dir: t.TempDir(), err: "go build in "},
		"debugger":          {debug: true, err: "cannot attach a debugger"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stream, err := serve(t).RunPlugin(t.Context(), &pulumirpc.RunPluginRequest{
				Info: program(t, tc.dir, tc.options), Pwd: pwd, Args: tc.args, Env: []string{"GIVEN=yes"},
				Kind: "analyzer", AttachDebugger: tc.debug,
			})
			require.NoError(t, err)
			stdout, stderr, code, err := drained(stream)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.Nil(t, code)
				return
			}
			require.ErrorIs(t, err, io.EOF)
			require.Equal(t, tc.stdout, stdout)
			require.Equal(t, tc.stderr, stderr)
			require.Equal(t, &tc.code, code)
		})
	}
}

// TestCancel has a program and its child hang, each on a connection, and sees both connections close.
func TestCancel(t *testing.T) {
	t.Parallel()
	info := program(t, "", map[string]any{"binary": prebuilt})
	runs := map[string]func(context.Context, served, []string) error{
		"Run": func(ctx context.Context, host served, args []string) error {
			_, err := host.Run(ctx, &pulumirpc.RunRequest{Info: info, Args: args})
			return err
		},
		"RunPlugin": func(ctx context.Context, host served, args []string) error {
			stream, err := host.RunPlugin(ctx, &pulumirpc.RunPluginRequest{Info: info, Args: args})
			if err != nil {
				return err
			}
			_, _, _, err = drained(stream)
			return err
		},
	}
	ends := map[string]func(*testing.T, served, context.CancelFunc){
		"the request is dropped": func(_ *testing.T, _ served, cancel context.CancelFunc) { cancel() },
		"the host is stopped":    func(_ *testing.T, host served, _ context.CancelFunc) { host.stop() },
		"Cancel": func(t *testing.T, host served, _ context.CancelFunc) {
			_, err := host.Cancel(t.Context(), &emptypb.Empty{})
			require.NoError(t, err)
			require.NoError(t, <-host.done, "the host ends")
		},
	}
	for runName, run := range runs {
		for endName, end := range ends {
			t.Run(runName+" "+endName, func(t *testing.T) {
				t.Parallel()
				listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
				require.NoError(t, err)
				defer func() { require.NoError(t, listener.Close()) }()
				host := serve(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				result := make(chan error, 1)
				go func() { result <- run(ctx, host, []string{"hang", listener.Addr().String()}) }()
				for range 2 {
					conn, err := listener.Accept()
					require.NoError(t, err)
					defer func() {
						require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
						n, err := conn.Read(make([]byte, 1))
						require.Zero(t, n)
						require.False(t, os.IsTimeout(err), "a process outlives the request")
						require.NoError(t, conn.Close())
					}()
				}
				end(t, host, cancel)
				require.Equal(t, codes.Canceled, status.Code(<-result))
			})
		}
	}
}

func TestInstallDependencies(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ gomod, stdout, stderr, err string }{
		"nothing to download": {
			gomod: "module m\n\ngo 1.22\n", stdout: "Downloading the Go modules of ",
			stderr: "",
		},
		"go.mod with an error": {
			gomod: "module m\n\nrequire x\n", stdout: "Downloading", stderr: "go.mod:3:", err: "go list -deps in ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"go.mod": tc.gomod})
			stdout, stderr, err := install(t, serve(t), program(t, dir, nil))
			require.Contains(t, stdout, tc.stdout)
			require.Contains(t, stderr, tc.stderr)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				return
			}
			require.ErrorIs(t, err, io.EOF)
			gomod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			require.NoError(t, err)
			require.Equal(t, tc.gomod, string(gomod))
		})
	}
}

func install(t *testing.T, host served, info *pulumirpc.ProgramInfo) (stdout, stderr string, err error) {
	t.Helper()
	stream, err := host.InstallDependencies(t.Context(),
		&pulumirpc.InstallDependenciesRequest{Info: info, IsTerminal: true})
	require.NoError(t, err)
	for {
		resp, err := stream.Recv()
		if err != nil {
			return stdout, stderr, err
		}
		stdout += string(resp.GetStdout())
		stderr += string(resp.GetStderr())
	}
}

// TestRequiredPackagesNeedNoNetwork cannot run beside others: the module cache and the proxy belong to the process.
func TestRequiredPackagesNeedNoNetwork(t *testing.T) {
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	defer proxy.Close()
	t.Setenv("GOPROXY", proxy.URL)
	t.Setenv("GOMODCACHE", t.TempDir())
	dir := folder(t, map[string]string{
		"go.mod": "module m\n\ngo 1.22\n\nrequire example.com/a v1.0.0\n",
		"go.sum": "example.com/a v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" +
			"example.com/a v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		"main.go": "package main\n\nimport _ \"example.com/a\"\n\nfunc main() {}\n",
	})
	host := serve(t)
	resp, err := host.GetRequiredPackages(t.Context(),
		&pulumirpc.GetRequiredPackagesRequest{Info: program(t, dir, nil)})
	require.NoError(t, err)
	require.Empty(t, resp.GetPackages())
	require.Zero(t, asked.Load())
	_, _, err = install(t, host, program(t, dir, nil))
	require.ErrorContains(t, err, "go list -deps")
	require.NotZero(t, asked.Load(), "installing does ask")
}

// TestWithoutGo cannot run beside others: PATH belongs to the process.
func TestWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := folder(t, map[string]string{"go.mod": "module m\n"})
	const noGo = "the go command is not on PATH"

	t.Run("prebuilt", func(t *testing.T) {
		host := serve(t)
		info := program(t, dir, map[string]any{"binary": prebuilt})
		packages, err := host.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{Info: info})
		require.NoError(t, err)
		require.Empty(t, packages.GetPackages())
		require.Contains(t, host.stderr.String(), "the plugins that "+prebuilt+" requires are not known")
		resp, err := host.Run(t.Context(), &pulumirpc.RunRequest{Info: info})
		require.NoError(t, err)
		require.Empty(t, resp.GetError())
	})
	t.Run("source", func(t *testing.T) {
		host := serve(t)
		info := program(t, dir, nil)
		_, err := host.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{Info: info})
		require.ErrorContains(t, err, noGo)
		_, err = host.Run(t.Context(), &pulumirpc.RunRequest{Info: info})
		require.ErrorContains(t, err, noGo)
		_, err = host.About(t.Context(), &pulumirpc.AboutRequest{Info: info})
		require.ErrorContains(t, err, noGo)
		_, _, err = install(t, host, info)
		require.ErrorContains(t, err, noGo)
	})
}
