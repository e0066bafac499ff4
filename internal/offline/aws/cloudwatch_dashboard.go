package aws

import (
	"encoding/json"
	"fmt"
	"slices"

	"stagecraft/internal/offline/cloud"
)

// The limits of a dashboard (CloudWatch API Reference, "Dashboard Body Structure and Syntax").
const (
	mostWidgets        = 500
	mostWidgetAlarms   = 100
	gridColumns        = 24
	tallestWidget      = 1000
	invalidInput       = "InvalidParameterInput"
	invalidBodyMessage = "The dashboard body is invalid, there is 1 validation error: %s"
)

// widget holds the checked fields of a dashboard's widget.
type widget struct {
	Type                string
	X, Y, Width, Height *int
	Properties          struct {
		Region, Markdown string
		Metrics          []any
		Alarms           []string
		Annotations      struct{ Alarms []string }
	}
}

func validateDashboard(_ cloud.Account, dashboard *cloud.Resource) error {
	var body struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(dashboard.Text("dashboardBody")), &body); err != nil {
		return apiError(invalidInput, invalidBodyMessage, err)
	}
	if body.Widgets == nil {
		return apiError(invalidInput, invalidBodyMessage, "Should have required property 'widgets'")
	}
	if len(body.Widgets) > mostWidgets {
		return apiError(invalidInput, invalidBodyMessage, fmt.Sprintf("Should not have more than %d items", mostWidgets))
	}
	for i, widget := range body.Widgets {
		if wrong := widget.problem(); wrong != "" {
			return apiError(invalidInput, invalidBodyMessage, fmt.Sprintf("/widgets/%d: %s", i, wrong))
		}
	}
	return nil
}

// problem returns what is wrong with a widget, "" if nothing is.
func (w widget) problem() string {
	x, width := 0, 6
	if w.X != nil {
		x = *w.X
	}
	if w.Width != nil {
		width = *w.Width
	}
	switch {
	case !slices.Contains([]string{"metric", "text", "log", "alarm", "explorer", "custom"}, w.Type):
		return fmt.Sprintf("type %q should be equal to one of the allowed values", w.Type)
	case x < 0 || width < 1 || x+width > gridColumns:
		return fmt.Sprintf("x and width should stay within the %d columns of the grid", gridColumns)
	case w.Y != nil && *w.Y < 0:
		return "y should not be less than 0"
	case w.Height != nil && (*w.Height < 1 || *w.Height > tallestWidget):
		return fmt.Sprintf("height should be from 1 to %d", tallestWidget)
	case w.Type == "metric" && w.Properties.Region == "":
		return "should have required property 'region'"
	case w.Type == "metric" && len(w.Properties.Metrics) == 0 && len(w.Properties.Annotations.Alarms) == 0:
		return "should match some schema: metrics or annotations.alarms"
	case w.Type == "text" && w.Properties.Markdown == "":
		return "should have required property 'markdown'"
	case w.Type == "alarm" && (len(w.Properties.Alarms) == 0 || len(w.Properties.Alarms) > mostWidgetAlarms):
		return fmt.Sprintf("alarms should have 1 to %d items", mostWidgetAlarms)
	default:
		return ""
	}
}
