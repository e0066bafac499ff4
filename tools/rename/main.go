// Command rename gives a copy of Stagecraft its own Go module path and Pulumi project name.
//
//	go run ./tools/rename github.com/acme/platform acme
//
// It changes the module's path in go.mod, imports and linter settings, and the project's name in Pulumi.yaml, the stack
// files, the bootstrap template, the engine tests and the docs. These names stay, because they belong to the components
// and tools, not to your project: the component type tokens (stagecraft:network:Network and the like, which are part of
// the identity of every resource), the policy pack's name, the command stagecraft, the folder .stagecraft, the variables
// STAGECRAFT_*, and the systemd unit of the reference service.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: make rename MODULE=github.com/acme/platform PROJECT=acme")
		os.Exit(64)
	}
	changed, err := rename(".", os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "rename:", err)
		os.Exit(1)
	}
	fmt.Printf("Changed %d files. Review them with git diff, then run make build.\n", changed)
}

// projectName is a name from which AWS resources can be named (internal/program/settings).
var projectName = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])*$`)

// rename changes the files of the project in root, and returns how many.
func rename(root, modulePath, project string) (int, error) {
	if err := module.CheckImportPath(modulePath); err != nil {
		return 0, fmt.Errorf("MODULE: %w", err)
	}
	if !projectName.MatchString(project) || len(project) > 20 {
		return 0, fmt.Errorf("PROJECT is %q: it must be lower-case letters, digits and single hyphens, at most 20", project)
	}
	renaming, err := newRenaming(root, modulePath, project)
	if err != nil {
		return 0, err
	}
	files, err := trackedFiles(root)
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, name := range files {
		path := filepath.Join(root, name)
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) || err == nil && info.IsDir() { // deleted, or a submodule
			continue
		}
		if err != nil {
			return changed, err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return changed, err
		}
		renamed := renaming.apply(name, string(text))
		if renamed == string(text) {
			continue
		}
		if err := os.WriteFile(path, []byte(renamed), info.Mode()); err != nil {
			return changed, err
		}
		changed++
	}
	return changed, nil
}

// trackedFiles returns the files under version control, which excludes what was built.
func trackedFiles(root string) ([]string, error) {
	command := exec.Command("git", "ls-files", "-z")
	command.Dir, command.Stderr = root, os.Stderr
	printed, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	return strings.Split(strings.Trim(string(printed), "\x00"), "\x00"), nil
}

// renaming is a change of the names.
type renaming struct {
	oldModule, newModule   string
	oldProject, newProject string
	// imports matches quoted import paths; namespace matches configuration keys, and resource names that begin with the
	// project's name.
	imports, namespace, resources *regexp.Regexp
}

// newRenaming returns the change of the names that the project in root has now.
func newRenaming(root, modulePath, project string) (renaming, error) {
	path := filepath.Join(root, "go.mod")
	text, err := os.ReadFile(path)
	if err != nil {
		return renaming{}, err
	}
	oldModule := modfile.ModulePath(text)
	text, err = os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	if err != nil {
		return renaming{}, err
	}
	name := nameLine.FindSubmatch(text)
	if oldModule == "" || name == nil {
		return renaming{}, errors.New("go.mod has no module, or Pulumi.yaml no name")
	}
	oldProject := string(name[1])
	quoted := regexp.QuoteMeta(oldProject)
	return renaming{
		oldModule: oldModule, newModule: modulePath, oldProject: oldProject, newProject: project,
		imports: regexp.MustCompile(`(["\x60])` + regexp.QuoteMeta(oldModule) + `(/|["\x60])`),
		// A type token has a third part, which begins with a capital letter.
		namespace: regexp.MustCompile(`\b` + quoted + `:([a-z]\w*)(:[A-Z])?`),
		resources: regexp.MustCompile(`\b` + quoted + `-(stage[1-5]|state|deploy)\b`),
	}, nil
}

var nameLine = regexp.MustCompile(`(?m)^name: (\S+)$`)

// apply returns the text of a file with the new names.
func (r renaming) apply(name, text string) string {
	switch {
	case filepath.Base(name) == "go.mod":
		text = regexp.MustCompile(`(?m)^module `+regexp.QuoteMeta(r.oldModule)+`(/|$)`).
			ReplaceAllString(text, "module "+r.newModule+"$1")
	case filepath.Ext(name) == ".go":
		text = r.imports.ReplaceAllString(text, "${1}"+r.newModule+"${2}")
	case name == ".golangci.yml":
		text = regexp.MustCompile(`(module-path: |- )`+regexp.QuoteMeta(r.oldModule)+`\n`).
			ReplaceAllString(text, "${1}"+r.newModule+"\n")
	case name == "Pulumi.yaml":
		text = nameLine.ReplaceAllString(text, "name: "+r.newProject)
	case strings.HasPrefix(name, "bootstrap/") && filepath.Ext(name) == ".yaml":
		text = strings.ReplaceAll(text, "Default: "+r.oldProject+"\n", "Default: "+r.newProject+"\n")
	}
	if r.quotesProject(name) {
		text = r.namespace.ReplaceAllStringFunc(text, func(match string) string {
			if r.namespace.FindStringSubmatch(match)[2] != "" {
				return match
			}
			return r.newProject + strings.TrimPrefix(match, r.oldProject)
		})
		text = r.resources.ReplaceAllString(text, r.newProject+"-$1")
	}
	return text
}

// quotesProject reports whether a file has names of the project's own stacks. Unit tests have a project of their own,
// which keeps its name.
func (r renaming) quotesProject(name string) bool {
	if filepath.Ext(name) == ".go" {
		return strings.HasPrefix(name, "tests/")
	}
	return filepath.Ext(name) == ".md" || strings.HasPrefix(name, "Pulumi.")
}
