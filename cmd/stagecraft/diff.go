package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/diagram"
	"stagecraft/internal/review/duration"
	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/review/preview"
	"stagecraft/internal/review/report"
	"stagecraft/internal/toolchain"
)

// What diff tells by its exit code.
var (
	errAtRisk  = errors.New("the update would lose data")
	errRefused = errors.New("the update is refused")
)

// diffOptions are the flags of diff.
type diffOptions struct {
	stack, to, base, format, output string
	offline                         bool
	config, usage                   []string
	usageFile                       string
	// from and target are the two in either form of the call.
	from, target string
}

func newDiffCommand() *cobra.Command {
	var options diffOptions
	command := &cobra.Command{
		Use:   "diff {FROM TO | --stack NAME --to TO}",
		Short: "Review an update: what changes, which data is at risk, who notices, what leads back",
		Long: "Reviews an update before it happens, from a preview of Pulumi's own engine.\n\n" +
			"FROM and TO are stages: `diff 1 2` deploys Pulumi.stage1.yaml to an offline cloud of its own and previews it\n" +
			"with nothing but its stage changed. FROM is a stack file, too: `diff Pulumi.acme.yaml 3`; and so is TO, whose\n" +
			"whole configuration is previewed then. With --stack, FROM is a stack of yours as it is, which is only looked at.\n\n" +
			"Exit codes: 0 no data at risk, 1 failed or refused, 2 data at risk, 64 wrong words.",
		RunE: func(command *cobra.Command, args []string) error {
			if err := options.understand(args); err != nil {
				return usageError{err}
			}
			return diff(command.Context(), options, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVarP(&options.stack, "stack", "s", "", "a stack of yours, in the place of FROM; it is not changed")
	flags.StringVar(&options.to, "to", "", "with --stack: the stage or stack file that it becomes")
	flags.BoolVar(&options.offline, "offline", false, "with --stack: a stack of the project's offline cloud")
	flags.StringVar(&options.base, "base", "", "FROM is deployed as the project in this folder has it, such as a worktree of the base branch")
	flags.StringArrayVarP(&options.config, "config", "c", nil, "one more setting of TO, KEY=VALUE; may be repeated")
	flags.StringArrayVarP(&options.usage, "usage", "u", nil, "a usage figure that costs depend on, NAME=NUMBER; may be repeated")
	flags.StringVar(&options.usageFile, "usage-file", "", "a YAML file of usage figures")
	flags.StringVarP(&options.format, "format", "f", "table", strings.Join(report.Formats(), ", "))
	flags.StringVarP(&options.output, "output", "o", "", "the file to write, in the place of the terminal")
	return command
}

// understand sorts out the words of the call.
func (o *diffOptions) understand(args []string) error {
	switch {
	case o.stack != "" && (len(args) > 0 || o.to == ""):
		return errors.New("with --stack, --to names the stage or stack file that it becomes, and there are no other words")
	case o.stack == "" && (len(args) != 2 || o.to != "" || o.offline):
		return errors.New("diff takes FROM and TO, such as: diff 1 2; or --stack NAME --to N")
	case o.stack != "" && o.base != "":
		return errors.New("--base goes with FROM and TO: a stack of yours is as it is")
	}
	if !report.Knows(o.format) {
		return fmt.Errorf("%q is not a format: choose one of %s", o.format, strings.Join(report.Formats(), ", "))
	}
	if o.stack != "" {
		o.from, o.target = o.stack, o.to
		return nil
	}
	o.from, o.target = stackOf(args[0]), args[1]
	return nil
}

var stageWord = regexp.MustCompile(`^(?:stage)?([0-9]+)$`)

// stackOf is the stack that a word means: 2, stage2, acme, or Pulumi.acme.yaml.
func stackOf(word string) string {
	if number := stageWord.FindStringSubmatch(word); number != nil {
		return "stage" + number[1]
	}
	return preview.Name(word)
}

// targetOf is what the word after FROM means: a stage, or a stack file with all it says.
func (o *diffOptions) targetOf(root string) preview.Target {
	if number := stageWord.FindStringSubmatch(o.target); number != nil {
		return preview.Target{Stage: number[1], Config: o.config}
	}
	file := o.target
	if filepath.Ext(file) != ".yaml" {
		file = filepath.Join(root, "Pulumi."+file+".yaml")
	}
	return preview.Target{File: file, Config: o.config}
}

func diff(ctx context.Context, options diffOptions, out, progress io.Writer) error {
	usage, err := usageOf(options.usageFile, options.usage)
	if err != nil {
		return usageError{err}
	}
	root, err := projectRoot()
	if err != nil {
		return err
	}
	target := options.targetOf(root)
	found, err := options.plan(ctx, root, target, progress)
	if err != nil {
		return err
	}
	subject, err := options.subject(root, target)
	if err != nil {
		return err
	}
	reviewed := impact.New(subject, found)
	document := report.Document{Report: reviewed}
	if !reviewed.Verdict.Incomplete {
		document.Duration = report.NewDuration(duration.Estimate(found))
		if document.Cost, err = costs(found, usage); err != nil {
			fmt.Fprintln(progress, "No cost is told:", err)
		}
	}
	if report.Shows(options.format) {
		if document.Before, err = diagram.SVG(ctx, found.Before(), found.Marks()); err == nil {
			document.After, err = diagram.SVG(ctx, found.After(), found.Marks())
		}
		if err != nil {
			return err
		}
	}
	if err := write(options, out, document); err != nil {
		return err
	}
	switch {
	case reviewed.Verdict.DataAtRisk:
		return errAtRisk
	case reviewed.Verdict.Refused:
		return errRefused
	default:
		return nil
	}
}

func (o *diffOptions) plan(ctx context.Context, root string, target preview.Target, progress io.Writer) (plan.Plan, error) {
	if o.stack != "" && !o.offline {
		return preview.Stack(ctx, o.stack, target)
	}
	if o.stack != "" {
		opened, err := openWorkspace(ctx, progress)
		if err != nil {
			return plan.Plan{}, err
		}
		return preview.OfflineStack(ctx, opened, o.stack, target)
	}
	after, err := built(ctx, root, progress)
	if err != nil {
		return plan.Plan{}, err
	}
	before := after
	if o.base != "" {
		base, err := filepath.Abs(o.base)
		if err != nil {
			return plan.Plan{}, err
		}
		if before, err = built(ctx, base, progress); err != nil {
			return plan.Plan{}, err
		}
	}
	return preview.Stages(ctx, preview.Way{
		Before: before, After: after, Stack: o.from, Target: target, Kept: filepath.Join(root, offline.Folder, "diff"),
	}, progress)
}

func built(ctx context.Context, root string, progress io.Writer) (preview.Project, error) {
	tools, err := toolchain.Build(ctx, root, progress)
	return preview.Project{Root: root, Tools: tools}, err
}

// subject tells people what is compared.
func (o *diffOptions) subject(root string, target preview.Target) (impact.Subject, error) {
	file := filepath.Join(root, "Pulumi."+o.from+".yaml")
	if o.stack != "" && !o.offline {
		var err error
		if file, err = preview.StackFile(o.stack); err != nil {
			return impact.Subject{}, err
		}
	}
	subject := impact.Subject{From: o.from, To: o.target}
	from := filepath.Base(file)
	if target.File != "" {
		subject.To = preview.Name(target.File)
		subject.Configuration = fmt.Sprintf("%s in the place of %s", filepath.Base(target.File), from)
		subject.Back = []string{"git checkout " + from, "pulumi up"}
	} else {
		stage, err := preview.Stage(file)
		if err != nil {
			return impact.Subject{}, err
		}
		subject.To = "stage " + target.Stage
		subject.Configuration = fmt.Sprintf("%s with stage: %s in the place of %s", from, target.Stage, stage)
		subject.Back = []string{"pulumi config set stage " + stage, "pulumi up"}
	}
	for i := range subject.Back {
		if o.stack != "" && !o.offline && strings.HasPrefix(subject.Back[i], "pulumi ") {
			subject.Back[i] += " --stack " + o.stack
		}
	}
	if o.base != "" {
		subject.Configuration += ", deployed with the program in " + o.base
		subject.Back = []string{"git revert the change of the program", "pulumi up"}
	}
	if len(o.config) > 0 {
		subject.Configuration += ", and " + strings.Join(o.config, ", ")
	}
	return subject, nil
}

// costs are those of the stack before and after, at the prices of its region.
func costs(of plan.Plan, usage cost.Usage) (*report.Cost, error) {
	region := of.Config["aws:region"]
	before, err := cost.Of(of.Before(), region, usage)
	if err != nil {
		return nil, err
	}
	after, err := cost.Of(of.After(), region, usage)
	if err != nil {
		return nil, err
	}
	return report.NewCost(before, after), nil
}

// write writes the report to the terminal or to a file, which has no width and no colours.
func write(options diffOptions, out io.Writer, of report.Document) (err error) {
	if options.output != "" {
		file, err := os.Create(options.output)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	return report.Write(out, options.format, of)
}
