package aws

import (
	"slices"
	"strconv"
	"strings"
)

const (
	weekdays     = "mon|tue|wed|thu|fri|sat|sun"
	timeOfDay    = `([01]\d|2[0-3]):[0-5]\d`
	day          = 24 * 60
	week         = 7 * day
	leastMinutes = 30
)

// minuteOfWeek returns the minutes since the beginning of the day, or of the week for a time with a day, such as
// "sun:04:00".
func minuteOfWeek(text string) int {
	parts := strings.Split(text, ":")
	days := 0
	if len(parts) == 3 {
		days, parts = slices.Index(strings.Split(weekdays, "|"), parts[0]), parts[1:]
	}
	hour, _ := strconv.Atoi(parts[0]) // Values has checked the format
	minute, _ := strconv.Atoi(parts[1])
	return days*day + hour*60 + minute
}
