// Package display shows what a preview, an update or another operation does to a stack, from the events of Pulumi's
// engine: a line for each tier that changes, and one that is rewritten while the operation runs in a terminal. Errors
// come last, in full.
package display

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Options say what to display, and where.
type Options struct {
	// Out receives the text. If it is a terminal, the display has a progress line and colours.
	Out io.Writer
	// Stack is the name of the stack.
	Stack string
	// Phases are the names of the operation's steps, such as Previewing and Updating. The last one is shown in full, and
	// of the others only a summary.
	Phases []string
	// Preview says that the last phase is a preview, too.
	Preview bool
	// Outputs shows the stack's outputs.
	Outputs bool
	// Advisories lists the violations of advisory policies, which are counted otherwise.
	Advisories bool
}

// Display shows one operation.
type Display struct {
	Options

	mutex sync.Mutex
	style style
	// columns is the terminal's width; 0 if Out is not a terminal.
	columns int
	phase   *phase
	// planned is how many steps the preview plans for each tier; nil without a preview.
	planned map[string]int
	number  int
	failed  bool
	ticker  *time.Ticker
	done    chan struct{}
}

type style struct{ title, good, caution, bad, faint lipgloss.Style }

// New returns the display of an operation that begins now. Finish must be called at its end.
func New(options Options) *Display {
	renderer := lipgloss.NewRenderer(options.Out)
	color := func(number string) lipgloss.Style { return renderer.NewStyle().Foreground(lipgloss.Color(number)) }
	display := &Display{
		Options: options,
		style: style{
			title: renderer.NewStyle().Bold(true), faint: renderer.NewStyle().Faint(true),
			good: color("2"), caution: color("3"), bad: color("1"),
		},
		phase: newPhase(),
		done:  make(chan struct{}),
	}
	if file, isFile := options.Out.(*os.File); isFile && term.IsTerminal(file.Fd()) {
		if columns, _, err := term.GetSize(file.Fd()); err == nil {
			display.columns = columns
		}
	}
	if display.columns > 0 {
		display.ticker = time.NewTicker(200 * time.Millisecond)
		go display.tick()
	}
	return display
}

// tick rewrites the progress line until the operation ends.
func (d *Display) tick() {
	for {
		select {
		case <-d.done:
			return
		case <-d.ticker.C:
			d.mutex.Lock()
			d.showProgress()
			d.mutex.Unlock()
		}
	}
}

// showProgress rewrites the progress line.
func (d *Display) showProgress() {
	if d.columns > 0 {
		line := ansi.Truncate(d.phase.progress(d.total(), time.Now()), d.columns-1, "…")
		fmt.Fprint(d.Out, "\r\x1b[K", d.style.faint.Render(line))
	}
}

// print prints lines in the place of the progress line.
func (d *Display) print(lines ...string) {
	if d.columns > 0 {
		fmt.Fprint(d.Out, "\r\x1b[K")
	}
	for _, line := range lines {
		fmt.Fprintln(d.Out, line)
	}
}

// total is how many steps the preview plans; 0 if that is not known.
func (d *Display) total() int {
	sum := 0
	for _, count := range d.planned {
		sum += count
	}
	return sum
}

// last reports whether the operation is in its last phase.
func (d *Display) last() bool { return d.number >= len(d.Phases) }

// Event shows an event of the engine.
func (d *Display) Event(event apitype.EngineEvent) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	switch {
	case event.PreludeEvent != nil:
		d.begin()
	case event.ResourcePreEvent != nil:
		d.phase.start(event.ResourcePreEvent.Metadata)
	case event.ResOutputsEvent != nil:
		d.phase.finish(event.ResOutputsEvent.Metadata)
		d.showTier(plannedTier(event.ResOutputsEvent.Metadata))
	case event.ResOpFailedEvent != nil:
		d.phase.fail(event.ResOpFailedEvent.Metadata)
	case event.DiagnosticEvent != nil:
		d.phase.diagnose(*event.DiagnosticEvent)
	case event.ErrorEvent != nil:
		d.phase.diagnose(apitype.DiagnosticEvent{Severity: "error", Message: event.ErrorEvent.Error})
	case event.PolicyEvent != nil:
		d.phase.violations = append(d.phase.violations, *event.PolicyEvent)
	case event.PolicyRemediationEvent != nil:
		d.phase.remediations = append(d.phase.remediations, *event.PolicyRemediationEvent)
	case event.SummaryEvent != nil:
		d.end(*event.SummaryEvent)
	}
}

// begin begins the next phase.
func (d *Display) begin() {
	if d.phase.summary != nil && !d.last() {
		d.planned = d.phase.steps()
	}
	d.phase = newPhase()
	name := d.Phases[min(d.number, len(d.Phases)-1)]
	d.number++
	d.print(d.style.title.Render(name + " " + d.Stack + " ..."))
}

// end shows what a phase has come to.
func (d *Display) end(summary apitype.SummaryEvent) {
	d.phase.summary = &summary
	if summary.Result == apitype.OperationResultSucceeded && !d.last() {
		d.print("  " + totals(summary.ResourceChanges, true))
		d.planned = d.phase.steps()
	}
}

// showTier shows a tier's line once all of its planned steps are done.
func (d *Display) showTier(tier string) {
	if d.planned == nil || !d.last() || d.phase.shown[tier] || d.planned[tier] == 0 || d.phase.done[tier] < d.planned[tier] {
		return
	}
	d.phase.shown[tier] = true
	d.print(d.tier(tier, d.total() <= listed)...)
}

// listed is the number of changes up to which each is listed; above that, each tier's are counted.
const listed = 20

// tier returns a tier's line, and one for each of its changes.
func (d *Display) tier(tier string, list bool) []string {
	counts := map[apitype.OpType]int{}
	var details []string
	for _, change := range d.phase.changes {
		if change.tier != tier {
			continue
		}
		counts[change.op]++
		// A replacement is always listed, because it may lose data or interrupt users.
		if list || change.op == apitype.OpReplace {
			details = append(details, "      "+d.change(*change))
		}
	}
	line := fmt.Sprintf("  %-16s %s", tier, totals(counts, d.Preview))
	if failed := d.phase.failures[tier]; failed > 0 {
		line += ", " + d.style.bad.Render(fmt.Sprintf("%d failed", failed))
	}
	return append([]string{line}, details...)
}

// change returns the line of one changed resource.
func (d *Display) change(change change) string {
	marks := map[apitype.OpType]lipgloss.Style{
		apitype.OpCreate: d.style.good, apitype.OpUpdate: d.style.caution,
		apitype.OpReplace: d.style.bad, apitype.OpDelete: d.style.bad,
	}
	signs := map[apitype.OpType]string{
		apitype.OpCreate: "+ ", apitype.OpUpdate: "~ ", apitype.OpReplace: "+-", apitype.OpDelete: "- ",
	}
	line := marks[change.op].Render(signs[change.op]) + " " + name(change.urn)
	if len(change.properties) > 0 {
		line += ": " + strings.Join(change.properties, ", ")
	}
	return line
}

// Finish ends the display of the operation. Printed is what the CLI printed, and err the error of its process.
func (d *Display) Finish(printed string, err error) {
	if d.ticker != nil {
		d.ticker.Stop()
	}
	close(d.done)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.failed = err != nil
	if d.last() {
		for _, tier := range slices.Sorted(maps.Keys(d.phase.tiers())) {
			if !d.phase.shown[tier] {
				d.print(d.tier(tier, len(d.phase.changes) <= listed)...)
			}
		}
		if len(d.phase.changes) > listed {
			d.print("  (--verbose lists every resource)")
		}
	}
	d.print(d.warnings()...)
	d.print(d.policies()...)
	if d.Outputs && d.last() {
		d.print(d.outputs()...)
	}
	if d.phase.summary != nil {
		d.print(d.result())
	}
	d.print(d.errors(printed)...)
}

// result returns the line that sums the operation up.
func (d *Display) result() string {
	summary := d.phase.summary
	text := totals(summary.ResourceChanges, summary.IsPreview)
	if d.failed && len(d.phase.changes) > 0 {
		return d.style.bad.Render(fmt.Sprintf("%s: failed after %d s; %s", d.Stack, summary.DurationSeconds, text))
	}
	if d.failed {
		return d.style.bad.Render(fmt.Sprintf("%s: failed after %d s", d.Stack, summary.DurationSeconds))
	}
	return d.style.title.Render(fmt.Sprintf("%s: %s in %d s", d.Stack, text, summary.DurationSeconds))
}

// name returns a resource as a person calls it: its short type and its logical name.
func name(urn resource.URN) string {
	parts := strings.Split(string(urn.Type()), ":")
	if len(parts) == 3 {
		parts[1], _, _ = strings.Cut(parts[1], "/")
	}
	return strings.Join(parts, ":") + " " + urn.Name()
}
