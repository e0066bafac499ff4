// Package appautoscaling knows the metrics by which Application Auto Scaling scales an ECS service.
package appautoscaling

import (
	"fmt"
	"slices"
)

// Signal is the metric that a service scales on.
type Signal string

// The signals that a service may scale on.
const (
	// Requests is how many requests a minute the load balancer sends to each task.
	Requests Signal = "requests"
	// CPU is the average CPU utilization of the tasks, in percent.
	CPU Signal = "cpu"
	// Memory is the average memory utilization of the tasks, in percent.
	Memory Signal = "memory"
)

const maxPercent = 100

// metrics are AWS's names of the signals, and the targets unless another is given (Application Auto Scaling API
// Reference, PredefinedMetricSpecification).
var metrics = map[Signal]struct {
	name   string
	target int
}{
	Requests: {"ALBRequestCountPerTarget", 1000},
	CPU:      {"ECSServiceAverageCPUUtilization", 60},
	Memory:   {"ECSServiceAverageMemoryUtilization", 70},
}

// Metric returns AWS's name of the signal's metric, "" for an unknown signal.
func (s Signal) Metric() string { return metrics[s].name }

// DefaultTarget returns the value of the metric that scaling aims at unless another is given.
func (s Signal) DefaultTarget() int { return metrics[s].target }

// Check rejects an unknown signal.
func (s Signal) Check() error {
	if !slices.Contains([]Signal{Requests, CPU, Memory}, s) {
		return fmt.Errorf("Signal is %q: it must be %s, %s or %s", s, Requests, CPU, Memory)
	}
	return nil
}

// CheckTarget rejects a target below 0, which stands for the default, and a percentage above 100.
func (s Signal) CheckTarget(target int) error {
	if target < 0 || s != Requests && target > maxPercent {
		return fmt.Errorf("target is %d: it must be 1 or more, at most %d for a percentage, or 0 for the signal's default",
			target, maxPercent)
	}
	return nil
}
