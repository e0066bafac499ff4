package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"stagecraft/internal/awslimits/appautoscaling"
	"stagecraft/internal/awslimits/ecs"
	"stagecraft/internal/awslimits/elasticloadbalancing"
	"stagecraft/internal/awslimits/fargate"
	"stagecraft/internal/validate"
)

// Service is one of the services that replace the monolith.
type Service struct {
	// Name is the service's name. The load balancer routes requests for Paths to it.
	Name  string   `json:"name"`
	Paths []string `json:"paths"`
	// Image is the container image, "" for the one that the pipeline releases.
	Image string `json:"image"`
	// CPU is in units of 1/1024 vCPU, MemoryMiB in MiB.
	CPU       int `json:"cpu"`
	MemoryMiB int `json:"memoryMiB"`
	// Min and Max limit the number of tasks. Signal is the scaling metric, and Target its target value, 0 for the signal's
	// default.
	Min    int                   `json:"min"`
	Max    int                   `json:"max"`
	Signal appautoscaling.Signal `json:"signal"`
	Target int                   `json:"target"`
	// Database selects the database endpoint that the service receives, and Cache whether it receives the cache's.
	Database DatabaseRole `json:"database"`
	Cache    bool         `json:"cache"`
	// TrafficPercent is the share of the requests for its paths that the load balancer's public listener routes to the
	// service. Only a stack with a web tier has that listener.
	TrafficPercent int `json:"trafficPercent"`
	// Exec allows operators to run commands in the containers (ECS Exec).
	Exec bool `json:"exec"`
}

// DatabaseRole is what a service does with the relational database.
type DatabaseRole string

// What a service may do with the database.
const (
	// NoDatabase is no access.
	NoDatabase DatabaseRole = "none"
	// DatabaseWriter reads and writes, both on the writer.
	DatabaseWriter DatabaseRole = "writer"
	// DatabaseReader reads from the replicas, and writes on the writer.
	DatabaseReader DatabaseRole = "reader"
)

// defaultService has the defaults of a service's fields. New accounts have 6 vCPU of Fargate (AWS Fargate service
// quotas): two such services fit, even if both have their maximum of tasks and deploy.
var defaultService = Service{
	CPU: 256, MemoryMiB: 512, Min: 2, Max: 6, Signal: appautoscaling.CPU, Database: NoDatabase,
}

// Limits of services. A target group's name has at most 32 characters, of which Pulumi's random suffix takes 8. The
// service alarm has room for the alarms of five services.
const (
	maxServices    = 5
	maxServiceName = 20
)

// UnmarshalJSON fills in the defaults, and rejects unknown fields.
func (s *Service) UnmarshalJSON(data []byte) error {
	type plain Service
	read := plain(defaultService)
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&read)
	*s = Service(read)
	return err
}

func (r *reader) services(key string) []Service {
	var services []Service
	if err := json.Unmarshal([]byte(r.config.Get(key)), &services); err != nil {
		r.reject(key, r.config.Get(key), fmt.Sprintf("a list of services, such as [{name: users, paths: [/api/users*]}] (%v)", err))
		return nil
	}
	r.check(key, len(services) < 1 || len(services) > maxServices, fmt.Sprintf("a list of 1 to %d services", maxServices))
	paths := map[string]string{}
	for i, service := range services {
		r.validateService(key, service)
		twice := slices.ContainsFunc(services[:i], func(other Service) bool { return other.Name == service.Name })
		r.rejectServiceIf(twice, key, service, "name", service.Name, "no other service's")
		for _, path := range service.Paths {
			other := paths[path]
			r.rejectServiceIf(other != "", key, service, "paths", path, "no path of "+other)
			paths[path] = service.Name
		}
	}
	return services
}

func (r *reader) rejectServiceIf(wrong bool, key string, service Service, field, value, allowed string) {
	if wrong {
		r.problems = append(r.problems, fmt.Errorf("%s:%s: %s of the service %q is %q: it must be %s",
			r.project, key, field, service.Name, value, allowed))
	}
}

func (r *reader) validateService(key string, service Service) {
	rejectIf := func(wrong bool, field string, value any, allowed string) {
		r.rejectServiceIf(wrong, key, service, field, fmt.Sprint(value), allowed)
	}
	rejectIf(len(service.Name) > maxServiceName || !validate.Name.MatchString(service.Name), "name", service.Name,
		fmt.Sprintf("1 to %d lower-case letters, digits and single hyphens, a letter first", maxServiceName))
	rejectIf(len(service.Paths) < 1 || len(service.Paths) > elasticloadbalancing.MaxPaths, "paths", len(service.Paths),
		fmt.Sprintf("a list of 1 to %d paths", elasticloadbalancing.MaxPaths))
	for _, path := range service.Paths {
		rejectIf(elasticloadbalancing.CheckPath(path) != nil, "paths", path, fmt.Sprintf("a path of up to %d characters that "+
			`begins with /: letters, digits, _-.$/~"'@:+& and the wildcards * and ?`, elasticloadbalancing.MaxPathLength))
	}
	rejectIf(elasticloadbalancing.Wildcards(service.Paths) > elasticloadbalancing.MaxWildcards, "paths",
		strings.Join(service.Paths, " "), fmt.Sprintf("paths with %d wildcards at most", elasticloadbalancing.MaxWildcards))
	rejectIf(service.Image != "" && ecs.CheckImage(service.Image) != nil,
		"image", service.Image, "an image with its registry, and a tag other than latest or a digest, or empty")
	if err := fargate.CheckSize(service.CPU, service.MemoryMiB); err != nil {
		rejectIf(true, "cpu and memoryMiB", fmt.Sprintf("%d and %d", service.CPU, service.MemoryMiB), "a size of Fargate: "+err.Error())
	}
	rejectIf(service.Min < 2 || service.Max < service.Min, "min and max", fmt.Sprintf("%d and %d", service.Min, service.Max),
		"2 tasks or more, so that a zone may fail, and min not above max")
	rejectIf(service.Signal.Check() != nil, "signal", service.Signal,
		"requests, cpu or memory")
	rejectIf(service.Signal.CheckTarget(service.Target) != nil, "target", service.Target,
		"1 or more, at most 100 for a percentage, or 0 for the signal's default")
	rejectIf(service.TrafficPercent < 0 || service.TrafficPercent > 100, "trafficPercent", service.TrafficPercent, "0 to 100")
	rejectIf(!slices.Contains([]DatabaseRole{NoDatabase, DatabaseWriter, DatabaseReader}, service.Database), "database",
		service.Database, "none, writer or reader")
}
