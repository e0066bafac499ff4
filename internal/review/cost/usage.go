package cost

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Usage is how much a stack is used in a month, which its resources do not say. Method figures describes each field.
type Usage struct {
	RequestsPerMonth       float64
	KilobytesPerResponse   float64
	CacheShare             float64
	FunctionShare          float64
	FunctionMilliseconds   float64
	LogKilobytesPerRequest float64
	LogMonthsKept          float64
	NATGBPerMonth          float64
	BucketGB               float64
	ImageGB                float64
	TableGB                float64
	BackupGBOverFree       float64
	BuildsPerMonth         float64
	MinutesPerBuild        float64
	AccountEventsMillions  float64
	FlowLogGB              float64
	FreeShare              float64
}

// Assumption is a usage figure as it is printed, and set by its name.
type Assumption struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Meaning string  `json:"meaning"`
}

// figure is a field of Usage: its name, its place, its default for a small service, and its meaning.
type figure struct {
	name         string
	value        *float64
	defaultValue float64
	meaning      string
}

func (u *Usage) figures() []figure {
	return []figure{
		{"requestsPerMonth", &u.RequestsPerMonth, 10e6, "requests of users"},
		{"kilobytesPerResponse", &u.KilobytesPerResponse, 20, "size of a response, in kB"},
		{"cacheShare", &u.CacheShare, 0.6, "part of the requests that CloudFront answers itself, where there is a distribution"},
		{"functionShare", &u.FunctionShare, 0.1, "part of the requests that go to an API Gateway, its functions and tables"},
		{"functionMilliseconds", &u.FunctionMilliseconds, 100, "duration of a function's call"},
		{"logKilobytesPerRequest", &u.LogKilobytesPerRequest, 1, "logs of all log groups together, in kB a request"},
		{"logMonthsKept", &u.LogMonthsKept, 3, "months for which logs are kept"},
		{"natGBPerMonth", &u.NATGBPerMonth, 20, "GB through all NAT gateways together"},
		{"bucketGB", &u.BucketGB, 5, "GB in each bucket"},
		{"imageGB", &u.ImageGB, 1, "GB in each image repository"},
		{"tableGB", &u.TableGB, 1, "GB in each DynamoDB table"},
		{"backupGBOverFree", &u.BackupGBOverFree, 0, "GB of backups of each database above its own size, which is free"},
		{"buildsPerMonth", &u.BuildsPerMonth, 20, "builds of each build project, and runs of each pipeline"},
		{"minutesPerBuild", &u.MinutesPerBuild, 5, "minutes of a build"},
		{"accountEventsMillions", &u.AccountEventsMillions, 0.5, "management events of the account, in millions"},
		{"flowLogGB", &u.FlowLogGB, 5, "GB of flow and query logs that GuardDuty reads"},
		{"freeShare", &u.FreeShare, 1, "part of the account's monthly free allowances that is left to this stack"},
	}
}

// DefaultUsage returns the usage of a small service.
func DefaultUsage() Usage {
	var usage Usage
	for _, figure := range usage.figures() {
		*figure.value = figure.defaultValue
	}
	return usage
}

// Assumptions lists the figures.
func (u Usage) Assumptions() []Assumption {
	var assumptions []Assumption
	for _, figure := range u.figures() {
		assumptions = append(assumptions, Assumption{figure.name, *figure.value, figure.meaning})
	}
	return assumptions
}

// Set sets a figure, NAME=NUMBER.
func (u *Usage) Set(setting string) error {
	name, text, _ := strings.Cut(setting, "=")
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("usage %q: write NAME=NUMBER, such as requestsPerMonth=1000000", setting)
	}
	return u.set(name, value)
}

// Read sets the figures of a YAML map.
func (u *Usage) Read(text []byte) error {
	var values map[string]float64
	if err := yaml.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("the usage file must map names to numbers, such as requestsPerMonth: 1000000: %w", err)
	}
	var errs []error
	for name, value := range values {
		errs = append(errs, u.set(name, value))
	}
	return errors.Join(errs...)
}

func (u *Usage) set(name string, value float64) error {
	var names []string
	for _, figure := range u.figures() {
		names = append(names, figure.name)
		if figure.name != name {
			continue
		}
		if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
			return fmt.Errorf("usage %s is %v: it must be zero or a positive number", name, value)
		}
		if strings.HasSuffix(name, "Share") && value > 1 {
			return fmt.Errorf("usage %s is %v: a share must be from 0 to 1", name, value)
		}
		*figure.value = value
		return nil
	}
	return fmt.Errorf("there is no usage %q: choose one of %s", name, strings.Join(names, ", "))
}
