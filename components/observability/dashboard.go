package observability

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Section is a part of the dashboard.
type Section struct {
	// Title is the heading.
	Title string
	// Alarms are shown as one graph each, with the threshold. Required: one or more.
	Alarms Alarms
	// Region is the region of the alarms. Default: the dashboard's.
	Region string
}

// DashboardArgs describes the dashboard.
type DashboardArgs struct {
	// Region is the region of the stack, and of a section's alarms by default.
	Region string
	// Service is shown before all other alarms. Default: nil, none.
	Service *ServiceAlarm
	// Sections are shown from top to bottom.
	Sections []Section
}

// Dashboard shows the state of all alarms, and each section's metrics.
type Dashboard struct {
	pulumi.ResourceState

	// URL is the address of the dashboard in the AWS console.
	URL pulumi.StringOutput
}

// A dashboard's grid is 24 columns wide, it has 500 widgets at most, and an alarm status widget shows 100 alarms (Amazon
// CloudWatch API Reference, "Dashboard Body Structure and Syntax"; Amazon CloudWatch User Guide, "CloudWatch service
// quotas").
const (
	maxWidgets   = 500
	maxAlarms    = 100
	gridWidth    = 24
	graphWidth   = 8
	graphHeight  = 6
	statusHeight = 4
	titleHeight  = 1
)

// NewDashboard creates the dashboard, named project-stack. It rejects a section without alarms, and more widgets than a
// dashboard may have.
func NewDashboard(
	ctx *pulumi.Context, name string, args *DashboardArgs, opts ...pulumi.ResourceOption,
) (*Dashboard, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("dashboard %q: %w", name, err)
	}
	component := &Dashboard{}
	if err := ctx.RegisterComponentResource("stagecraft:observability:Dashboard", name, component, opts...); err != nil {
		return nil, err
	}

	dashboard, err := cloudwatch.NewDashboard(ctx, name, &cloudwatch.DashboardArgs{
		DashboardName: pulumi.Sprintf("%s-%s", ctx.Project(), ctx.Stack()),
		DashboardBody: pulumi.JSONMarshal(pulumi.Map{"widgets": args.widgets()}),
	}, pulumi.Parent(component))
	if err != nil {
		return nil, err
	}

	component.URL = pulumi.Sprintf("https://%s.console.aws.amazon.com/cloudwatch/home?region=%s#dashboards/dashboard/%s",
		args.Region, args.Region, dashboard.DashboardName)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"url": component.URL})
}

func (a *DashboardArgs) validate() error {
	if a.Region == "" || len(a.Sections) == 0 {
		return errors.New("it must have a Region and Sections")
	}
	for _, section := range a.Sections {
		if section.Title == "" || len(section.Alarms) == 0 {
			return fmt.Errorf("section %q must have a title and at least one alarm", section.Title)
		}
	}
	if widgets := len(a.widgets()); widgets > maxWidgets {
		return fmt.Errorf("it would have %d widgets: CloudWatch takes %d, so divide it in two", widgets, maxWidgets)
	}
	return nil
}

func (a *DashboardArgs) arns() pulumi.StringArray {
	var arns pulumi.StringArray
	if a.Service != nil {
		arns = append(arns, a.Service.Arn)
	}
	for _, section := range a.Sections {
		for _, alarm := range section.Alarms {
			arns = append(arns, alarm.Arn)
		}
	}
	return arns
}

func (a *DashboardArgs) widgets() pulumi.Array {
	var widgets pulumi.Array
	row := 0
	for alarms := range slices.Chunk(a.arns(), maxAlarms) {
		widgets = append(widgets, widget("alarm", 0, row, gridWidth, statusHeight, pulumi.Map{
			"title":  pulumi.String("Alarms"),
			"alarms": alarms,
		}))
		row += statusHeight
	}
	for _, section := range a.Sections {
		widgets = append(widgets, widget("text", 0, row, gridWidth, titleHeight, pulumi.Map{
			"markdown": pulumi.String("## " + section.Title),
		}))
		row += titleHeight
		const perRow = gridWidth / graphWidth
		for i, alarm := range section.Alarms {
			widgets = append(widgets, widget("metric", i%perRow*graphWidth, row+i/perRow*graphHeight, graphWidth, graphHeight,
				pulumi.Map{
					"title":       alarm.Name,
					"region":      pulumi.String(cmp.Or(section.Region, a.Region)),
					"view":        pulumi.String("timeSeries"),
					"annotations": pulumi.Map{"alarms": pulumi.StringArray{alarm.Arn}},
				}))
		}
		row += (len(section.Alarms) + perRow - 1) / perRow * graphHeight
	}
	return widgets
}

func widget(kind string, x, y, width, height int, properties pulumi.Map) pulumi.Map {
	return pulumi.Map{
		"type":       pulumi.String(kind),
		"x":          pulumi.Int(x),
		"y":          pulumi.Int(y),
		"width":      pulumi.Int(width),
		"height":     pulumi.Int(height),
		"properties": properties,
	}
}
