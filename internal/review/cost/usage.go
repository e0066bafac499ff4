package cost

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Usage is how much a stack is used in a month: what no resource tells.
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

// Assumption is a usage figure as people see and set it.
type Assumption struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Meaning string  `json:"meaning"`
}

type field struct {
	name    string
	initial float64
	meaning string
	of      func(*Usage) *float64
}

var fields = []field{
	{"requestsPerMonth", 10e6, "requests of users", func(u *Usage) *float64 { return &u.RequestsPerMonth }},
	{"kilobytesPerResponse", 20, "size of a response, in kB", func(u *Usage) *float64 { return &u.KilobytesPerResponse }},
	{
		"cacheShare", 0.6, "part of the requests that CloudFront answers itself, where there is a distribution",
		func(u *Usage) *float64 { return &u.CacheShare },
	},
	{
		"functionShare", 0.1, "part of the requests that go to an API Gateway, its functions and tables",
		func(u *Usage) *float64 { return &u.FunctionShare },
	},
	{"functionMilliseconds", 100, "duration of a function's call", func(u *Usage) *float64 { return &u.FunctionMilliseconds }},
	{
		"logKilobytesPerRequest", 1, "logs of all log groups together, in kB a request",
		func(u *Usage) *float64 { return &u.LogKilobytesPerRequest },
	},
	{"logMonthsKept", 3, "months for which logs are kept", func(u *Usage) *float64 { return &u.LogMonthsKept }},
	{"natGBPerMonth", 20, "GB through all NAT gateways together", func(u *Usage) *float64 { return &u.NATGBPerMonth }},
	{"bucketGB", 5, "GB in each bucket", func(u *Usage) *float64 { return &u.BucketGB }},
	{"imageGB", 1, "GB in each image repository", func(u *Usage) *float64 { return &u.ImageGB }},
	{"tableGB", 1, "GB in each DynamoDB table", func(u *Usage) *float64 { return &u.TableGB }},
	{
		"backupGBOverFree", 0, "GB of backups of each database above its own size, which is free",
		func(u *Usage) *float64 { return &u.BackupGBOverFree },
	},
	{"buildsPerMonth", 20, "builds of each build project, and runs of each pipeline", func(u *Usage) *float64 { return &u.BuildsPerMonth }},
	{"minutesPerBuild", 5, "minutes of a build", func(u *Usage) *float64 { return &u.MinutesPerBuild }},
	{
		"accountEventsMillions", 0.5, "management events of the account, in millions",
		func(u *Usage) *float64 { return &u.AccountEventsMillions },
	},
	{"flowLogGB", 5, "GB of flow and query logs that GuardDuty reads", func(u *Usage) *float64 { return &u.FlowLogGB }},
	{
		"freeShare", 1, "part of the account's monthly free allowances that is left to this stack",
		func(u *Usage) *float64 { return &u.FreeShare },
	},
}

// DefaultUsage is a small service's.
func DefaultUsage() Usage {
	var usage Usage
	for _, field := range fields {
		*field.of(&usage) = field.initial
	}
	return usage
}

// Assumptions lists the figures.
func (u Usage) Assumptions() []Assumption {
	list := make([]Assumption, len(fields))
	for i, field := range fields {
		list[i] = Assumption{field.name, *field.of(&u), field.meaning}
	}
	return list
}

// Set takes NAME=VALUE.
func (u *Usage) Set(setting string) error {
	name, text, found := strings.Cut(setting, "=")
	value, err := strconv.ParseFloat(text, 64)
	if !found || err != nil {
		return fmt.Errorf("usage %q: write NAME=NUMBER, such as requestsPerMonth=1000000", setting)
	}
	return u.set(name, value)
}

// Read takes a YAML map of names and numbers.
func (u *Usage) Read(text []byte) error {
	var values map[string]float64
	if err := yaml.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("usage file: it must map names to numbers, such as requestsPerMonth: 1000000: %w", err)
	}
	var failed []error
	for name, value := range values {
		failed = append(failed, u.set(name, value))
	}
	return errors.Join(failed...)
}

func (u *Usage) set(name string, value float64) error {
	var names []string
	for _, field := range fields {
		names = append(names, field.name)
		if field.name != name {
			continue
		}
		if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
			return fmt.Errorf("usage %s is %v: it must be a number from 0", name, value)
		}
		if strings.HasSuffix(name, "Share") && value > 1 {
			return fmt.Errorf("usage %s is %v: it is a part of a whole, from 0 to 1", name, value)
		}
		*field.of(u) = value
		return nil
	}
	return fmt.Errorf("there is no usage %q: choose one of %s", name, strings.Join(names, ", "))
}
