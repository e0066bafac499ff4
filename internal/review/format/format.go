// Package format holds what the printed forms of reviews and cost estimates share: their names and the terminal's
// width.
package format

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/term"
)

// Format is a form in which a document is printed.
type Format[Document any] struct {
	Name  string
	Write func(io.Writer, Document) error
}

// Formats are the formats of a kind of document, in the order in which messages list them.
type Formats[Document any] []Format[Document]

// Names returns the names of the formats.
func (f Formats[Document]) Names() []string {
	names := make([]string, len(f))
	for i, format := range f {
		names[i] = format.Name
	}
	return names
}

// Supports reports whether there is a format of the name.
func (f Formats[Document]) Supports(name string) bool { return slices.Contains(f.Names(), name) }

// Check rejects a name that no format has.
func (f Formats[Document]) Check(name string) error {
	if f.Supports(name) {
		return nil
	}
	return fmt.Errorf("%q is not a format: choose one of %s", name, strings.Join(f.Names(), ", "))
}

// Write prints a document in a format.
func (f Formats[Document]) Write(out io.Writer, name string, document Document) error {
	if err := f.Check(name); err != nil {
		return err
	}
	return f[slices.Index(f.Names(), name)].Write(out, document)
}

// defaultWidth is the width of what is neither a terminal nor told its width.
const defaultWidth = 100

// Width returns the number of columns: that of the variable COLUMNS, or of the terminal.
func Width(out io.Writer) int {
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if file, isFile := out.(*os.File); isFile {
		if columns, _, err := term.GetSize(file.Fd()); err == nil && columns > 0 {
			return columns
		}
	}
	return defaultWidth
}
