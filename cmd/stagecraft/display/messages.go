package display

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Offline returns a message of Pulumi whose hints work for stacks of the offline cloud, which Pulumi's own commands
// do not know.
func Offline(message string) string {
	return hint.ReplaceAllString(message, "${1}bin/stagecraft pulumi -- ")
}

// hint is where a message quotes a Pulumi command.
var hint = regexp.MustCompile("([`'\"])pulumi \\b")

// warnings returns the warnings, each once, with the resources that they are about.
func (d *Display) warnings() []string {
	var lines []string
	for _, message := range d.messages("warning") {
		lines = append(lines, indented(d.style.caution.Render("Warning:")+" "+message.String(), "  ")...)
	}
	return lines
}

// message is a text with the resources that it is about.
type message struct {
	text      string
	resources []resource.URN
}

// messages returns the diagnostics of a severity. Equal texts about several resources are one message.
func (d *Display) messages(severity string) []*message {
	var messages []*message
	for _, event := range d.phase.diagnostics {
		if event.Severity != severity {
			continue
		}
		text := plain(event.Message)
		i := slices.IndexFunc(messages, func(known *message) bool { return known.text == text })
		if i < 0 {
			i = len(messages)
			messages = append(messages, &message{text: text})
		}
		if event.URN != "" {
			messages[i].resources = append(messages[i].resources, resource.URN(event.URN))
		}
	}
	return messages
}

func (m message) String() string {
	switch {
	case len(m.resources) == 0:
		return m.text
	case len(m.resources) == 1:
		return name(m.resources[0]) + ": " + m.text
	default:
		return fmt.Sprintf("%s and %s: %s", name(m.resources[0]), count(len(m.resources)-1, "other"), m.text)
	}
}

// policies returns mandatory violations in full, and the advisory ones in full or their number.
func (d *Display) policies() []string {
	var lines []string
	for _, event := range d.phase.remediations {
		lines = append(lines, fmt.Sprintf("Policy %s corrected %s.", event.PolicyName, name(resource.URN(event.ResourceURN))))
	}
	advisories := map[string]int{}
	for _, event := range d.phase.violations {
		if event.EnforcementLevel != "mandatory" && !d.Advisories {
			advisories[event.PolicyName]++
			continue
		}
		label := d.style.caution.Render("Advisory policy ")
		if event.EnforcementLevel == "mandatory" {
			label = d.style.bad.Render("Mandatory policy ")
		}
		lines = append(lines, label+event.PolicyName+":")
		lines = append(lines, indented("  "+plain(event.Message), "  ")...)
	}
	sum := 0
	for _, count := range advisories {
		sum += count
	}
	if sum > 0 {
		lines = append(lines, fmt.Sprintf("Policies: %s of %s (--advisories lists them)",
			count(sum, "advisory violation"), count(len(advisories), "rule")))
	}
	return lines
}

// outputs returns the stack's outputs.
func (d *Display) outputs() []string {
	var lines []string
	width := 0
	for key := range d.phase.outputs {
		width = max(width, len(key))
	}
	for _, key := range slices.Sorted(maps.Keys(d.phase.outputs)) {
		value, isText := d.phase.outputs[key].(string)
		if !isText {
			encoded, _ := json.Marshal(d.phase.outputs[key]) // it was JSON
			value = string(encoded)
		}
		lines = append(lines, fmt.Sprintf("  %-*s  %s", width, key, value))
	}
	if len(lines) > 0 {
		lines = append([]string{"Outputs:"}, lines...)
	}
	return lines
}

// errors returns the errors in full: those of resources last, because the others often follow from them. If the engine
// reported none, what the CLI printed says why it failed.
func (d *Display) errors(printed string) []string {
	messages := d.messages("error")
	if len(messages) > 1 { // the others say why
		messages = slices.DeleteFunc(messages, func(message *message) bool {
			return message.text == "update failed" || message.text == "preview failed"
		})
	}
	slices.SortStableFunc(messages, func(a, b *message) int {
		return min(len(a.resources), 1) - min(len(b.resources), 1)
	})
	var lines []string
	for _, message := range messages {
		lines = append(lines, indented(d.style.bad.Render("Error:")+" "+message.String(), "  ")...)
	}
	if text := strings.TrimSpace(Offline(printed)); d.failed && text != "" && len(messages) == 0 && !d.mandatory() {
		lines = append(lines, text)
	}
	return lines
}

// mandatory reports whether a mandatory policy is violated.
func (d *Display) mandatory() bool {
	return slices.ContainsFunc(d.phase.violations, func(event apitype.PolicyEvent) bool {
		return event.EnforcementLevel == "mandatory"
	})
}

// plain returns a message without colours, whose hints work offline.
func plain(message string) string {
	return Offline(strings.TrimSpace(programFailed.ReplaceAllString(colors.Never.Colorize(message), "the program failed:\n")))
}

// programFailed is how the Go SDK and its list of errors begin.
var programFailed = regexp.MustCompile(`^an unhandled error occurred: program failed:\s*(?:\d+ errors? occurred:\n)?`)

// indented returns the lines of a text, indented but for the first.
func indented(text, indent string) []string {
	lines := strings.Split(text, "\n")
	for i := range lines[1:] {
		lines[i+1] = indent + lines[i+1]
	}
	return lines
}

func count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}
