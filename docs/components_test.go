package docs

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const componentsHead = `# Components

Each tier is a Pulumi component in a package of its own below ` + "`components/`" + `.
A program in Go creates one with ` + "`New(ctx, name, &Args{...}, opts...)`" + `;
[examples/](../examples/README.md) has three small programs.
An input without a default is required.
An input of a plain Go type must be known when the program runs.
An input of a type such as ` + "`pulumi.StringInput`" + ` may be the output of another resource.

This page is generated from the doc comments: ` + "`go test ./docs -update`" + ` writes it.
`

// TestComponents holds components.md against the doc comments of the components.
func TestComponents(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join(root, "components", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	page := &strings.Builder{}
	page.WriteString(componentsHead)
	for _, folder := range folders {
		writePackage(t, page, folder)
	}
	requireCurrent(t, "components.md", page.String())
}

func writePackage(t *testing.T, page *strings.Builder, folder string) {
	t.Helper()
	files := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	var parsed []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		require.NoError(t, err)
		parsed = append(parsed, file)
	}
	if len(parsed) == 0 {
		return
	}
	pkg, err := doc.NewFromFiles(files, parsed, "stagecraft/components/"+filepath.Base(folder))
	require.NoError(t, err)
	fmt.Fprintf(page, "\n## %s\n\n%s\n", pkg.Name, oneLine(pkg.Doc))
	for _, typ := range pkg.Types {
		writeStruct(t, page, typ)
	}
}

func writeStruct(t *testing.T, page *strings.Builder, typ *doc.Type) {
	t.Helper()
	spec, ok := typ.Decl.Specs[0].(*ast.TypeSpec)
	if !ok {
		return
	}
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	outputs := slices.ContainsFunc(structure.Fields.List, isOutput)
	var rows []string
	for _, field := range structure.Fields.List {
		if len(field.Names) == 0 || !field.Names[0].IsExported() {
			continue
		}
		rows = append(rows, row(t, field, outputs))
	}
	if len(rows) == 0 {
		return
	}
	head := "| input | type | default | |\n|---|---|---|---|\n"
	if outputs {
		head = "| output | type | |\n|---|---|---|\n"
	}
	fmt.Fprintf(page, "\n### %s\n\n%s\n\n%s%s\n", typ.Name, oneLine(typ.Doc), head, strings.Join(rows, "\n"))
}

// isOutput reports whether a field shows that its struct holds outputs: Pulumi embeds ResourceState in components, and
// the type of an output says so.
func isOutput(field *ast.Field) bool {
	typ, ok := field.Type.(*ast.SelectorExpr)
	return ok && (typ.Sel.Name == "ResourceState" || strings.HasSuffix(typ.Sel.Name, "Output"))
}

var defaultValue = regexp.MustCompile(`(?:^| )Default: (.+?)\.(?: |$)`)

func row(t *testing.T, field *ast.Field, output bool) string {
	t.Helper()
	var names []string
	for _, name := range field.Names {
		names = append(names, "`"+name.Name+"`")
	}
	typ := &strings.Builder{}
	require.NoError(t, format.Node(typ, token.NewFileSet(), field.Type))
	cells := []string{strings.Join(names, ", "), "`" + typ.String() + "`"}
	description := oneLine(field.Doc.Text())
	if !output {
		value := ""
		if match := defaultValue.FindStringSubmatchIndex(description); match != nil {
			value = description[match[2]:match[3]]
			description = strings.TrimSpace(description[:match[0]] + " " + description[match[1]:])
		}
		cells = append(cells, value)
	}
	cells = append(cells, description)
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
