package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	offline "stagecraft/internal/offline/workspace"
	"stagecraft/internal/program/stage"
	"stagecraft/internal/review/cost"
	"stagecraft/internal/review/diagram"
	"stagecraft/internal/review/duration"
	"stagecraft/internal/review/impact"
	"stagecraft/internal/review/plan"
	"stagecraft/internal/review/preview"
	"stagecraft/internal/review/report"
)

// Results of diff that its exit code reports.
var (
	errAtRisk  = errors.New("the update would lose data")
	errRefused = errors.New("the update is rejected")
)

// diffOptions are the options of diff.
type diffOptions struct {
	environment
	usageOptions

	stack, to, base, format, output string
	offline                         bool
	config                          []string
	// from and target are what FROM and TO, or --stack and --to, name.
	from, target string
}

func newDiffCommand(env environment, run func(context.Context, diffOptions) error) *cobra.Command {
	options := diffOptions{environment: env}
	command := &cobra.Command{
		Use:   "diff {FROM TO | --stack NAME --to TO}",
		Short: "Review an update: changes, data at risk, interruption, cost, and how to roll back",
		Long: "Reviews an update before it happens, from a preview of Pulumi's own engine.\n\n" +
			"FROM and TO are stages: `diff 1 2` deploys Pulumi.stage1.yaml to an offline cloud of its own and previews it\n" +
			"with only its stage changed. FROM may also be a stack file, such as `diff Pulumi.acme.yaml 3`, and so may TO,\n" +
			"whose whole configuration is then previewed. With --stack, FROM is your own stack, which is only read.\n\n" +
			"Exit codes: 0 no data at risk, 1 failure or update rejected, 2 data at risk, 64 usage error.",
		RunE: func(command *cobra.Command, args []string) error {
			if err := options.parse(args); err != nil {
				return usageError{err}
			}
			return run(command.Context(), options)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&options.stack, "stack", "s", "", "your own stack, instead of FROM; it is not changed")
	flags.StringVar(&options.to, "to", "", "with --stack: the stage or stack file that it changes to")
	flags.BoolVar(&options.offline, "offline", false, "with --stack: a stack of the project's offline cloud")
	flags.StringVar(&options.base, "base", "",
		"deploy FROM with the project in this folder, such as a worktree of the base branch")
	flags.StringArrayVarP(&options.config, "config", "c", nil, "another setting of TO, KEY=VALUE; may be repeated")
	options.addTo(command)
	flags.StringVarP(&options.format, "format", "f", "table", strings.Join(report.Formats.Names(), ", "))
	flags.StringVarP(&options.output, "output", "o", "", "write to this file instead of the terminal")
	return command
}

// parse checks the words and flags of the command line.
func (o *diffOptions) parse(args []string) error {
	switch {
	case o.stack != "" && (len(args) > 0 || o.to == ""):
		return errors.New("with --stack, --to names the stage or stack file that it changes to, and there are no other words")
	case o.stack == "" && (len(args) != 2 || o.to != "" || o.offline):
		return errors.New("diff takes FROM and TO, such as: diff 1 2; or --stack NAME --to N")
	case o.stack != "" && o.base != "":
		return errors.New("--base goes with FROM and TO: your own stack is already deployed")
	}
	if err := report.Formats.Check(o.format); err != nil {
		return err
	}
	for _, setting := range o.config {
		if key, _, assigned := strings.Cut(setting, "="); !assigned || key == "" {
			return fmt.Errorf("--config %s: it must be KEY=VALUE", setting)
		}
	}
	if o.from, o.target = o.stack, o.to; o.stack == "" {
		o.from, o.target = stackName(args[0]), args[1]
	}
	for _, word := range append([]string{o.target}, args...) {
		if err := checkStage(word); err != nil {
			return err
		}
	}
	return errors.Join(checkOutput(o.output), o.usageOptions.parse())
}

var stageWord = regexp.MustCompile(`^(?:stage)?([0-9]+)$`)

// checkStage rejects the number of a stage that does not exist.
func checkStage(word string) error {
	if number := stageWord.FindStringSubmatch(word); number != nil {
		parsed, err := strconv.Atoi(number[1])
		if err != nil {
			return err
		}
		_, err = stage.For(parsed)
		return err
	}
	return nil
}

// stackName returns the stack that a word names: 2, stage2, acme, or Pulumi.acme.yaml.
func stackName(word string) string {
	if number := stageWord.FindStringSubmatch(word); number != nil {
		return "stage" + number[1]
	}
	return preview.Name(word)
}

// previewTarget returns what TO names: a stage, or a stack file with its whole configuration.
func (o *diffOptions) previewTarget(root string) preview.Target {
	if number := stageWord.FindStringSubmatch(o.target); number != nil {
		return preview.Target{Stage: number[1], Config: o.config}
	}
	file := o.target
	if filepath.Ext(file) != ".yaml" {
		file = filepath.Join(root, "Pulumi."+file+".yaml")
	}
	return preview.Target{File: file, Config: o.config}
}

func runDiff(ctx context.Context, options diffOptions) error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	target := options.previewTarget(root)
	previewed, err := options.preview(ctx, root, target)
	if err != nil {
		return err
	}
	subject, err := options.subject(root, target)
	if err != nil {
		return err
	}
	reviewed := impact.New(subject, previewed)
	document := report.Document{Report: reviewed}
	if !reviewed.Verdict.Incomplete {
		document.Duration = report.NewDuration(duration.Estimate(previewed))
		if document.Cost, err = costs(previewed, options.usage); err != nil {
			fmt.Fprintln(options.errors, "Without cost estimate:", err)
		}
	}
	if report.HasDiagrams(options.format) {
		if document.Before, err = diagram.SVG(ctx, previewed.Before(), previewed.Marks()); err == nil {
			document.After, err = diagram.SVG(ctx, previewed.After(), previewed.Marks())
		}
		if err != nil {
			return err
		}
	}
	if err := options.write(document); err != nil {
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

// preview previews the update.
func (o *diffOptions) preview(ctx context.Context, root string, target preview.Target) (plan.Plan, error) {
	if o.stack != "" && !o.offline {
		return preview.Stack(ctx, o.stack, target)
	}
	if o.stack != "" {
		opened, err := o.openWorkspace(ctx)
		if err != nil {
			return plan.Plan{}, err
		}
		return preview.OfflineStack(ctx, opened, o.stack, target)
	}
	after, err := o.project(ctx, root)
	if err != nil {
		return plan.Plan{}, err
	}
	before := after
	if o.base != "" {
		base, err := filepath.Abs(o.base)
		if err != nil {
			return plan.Plan{}, err
		}
		if before, err = o.project(ctx, base, after.Tools.Pulumi); err != nil {
			return plan.Plan{}, err
		}
	}
	return preview.Plan(ctx, preview.Transition{
		Before: before, After: after, Stack: o.from, Target: target, CacheFolder: filepath.Join(root, offline.Folder, "diff"),
	}, o.errors)
}

// project builds the project in a folder.
func (o *diffOptions) project(ctx context.Context, root string, candidates ...string) (preview.Project, error) {
	tools, err := o.build(ctx, root, o.errors, candidates...)
	return preview.Project{Root: root, Tools: tools}, err
}

// subject returns the description of what is compared.
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

// costs returns the costs of the stack before and after, at the prices of its region.
func costs(previewed plan.Plan, usage cost.Usage) (*report.Cost, error) {
	region := previewed.Config["aws:region"]
	before, err := cost.Estimate(previewed.Before(), region, usage)
	if err != nil {
		return nil, err
	}
	after, err := cost.Estimate(previewed.After(), region, usage)
	if err != nil {
		return nil, err
	}
	return report.NewCost(before, after), nil
}

// write writes the report to the terminal or to a file, which has no width and no colours.
func (o *diffOptions) write(document report.Document) (err error) {
	if o.output == "" {
		return report.Formats.Write(o.out, o.format, document)
	}
	file, err := os.Create(o.output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	fmt.Fprintf(o.errors, "Writing %s\n", o.output)
	return report.Formats.Write(file, o.format, document)
}
