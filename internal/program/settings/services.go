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

// Service is one of those that take the monolith's place.
type Service struct {
	// Name is the service's, and Paths are which requests it gets.
	Name  string   `json:"name"`
	Paths []string `json:"paths"`
	// Image is what runs, "" for what the pipeline releases.
	Image string `json:"image"`
	// CPU is in units of 1/1024 vCPU, MemoryMiB in MiB.
	CPU       int `json:"cpu"`
	MemoryMiB int `json:"memoryMiB"`
	// Min and Max are the least and the most tasks. Signal is what there are more of them for, and Target the value of it
	// that scaling aims at, 0 for the signal's own.
	Min    int                   `json:"min"`
	Max    int                   `json:"max"`
	Signal appautoscaling.Signal `json:"signal"`
	Target int                   `json:"target"`
	// Database is which server the service receives of, and Cache whether it is of the cache.
	Database DatabaseRole `json:"database"`
	Cache    bool         `json:"cache"`
	// TrafficPercent is how many of 100 requests for its paths the service gets from the load balancer's public listener, as
	// long as there is one: beside a web tier.
	TrafficPercent int `json:"trafficPercent"`
	// Exec lets people run commands in the containers.
	Exec bool `json:"exec"`
}

// DatabaseRole is what a service does with the relational database.
type DatabaseRole string

// What a service may do with the database.
const (
	// NoDatabase is nothing.
	NoDatabase DatabaseRole = "none"
	// DatabaseWriter is to read and write where writing is possible.
	DatabaseWriter DatabaseRole = "writer"
	// DatabaseReader is to read from the replicas, and to write.
	DatabaseReader DatabaseRole = "reader"
)

// defaultService is what a service is where the configuration says nothing. New accounts have 6 vCPU of Fargate (AWS
// Fargate service quotas): two such services fit while both are at their most and deploy.
var defaultService = Service{
	CPU: 256, MemoryMiB: 512, Min: 2, Max: 6, Signal: appautoscaling.CPU, Database: NoDatabase,
}

// Limits of services. A target group's name has 32 characters, of which Pulumi's random suffix takes 8. The service alarm
// has room for the alarms of so many services.
const (
	maxServices    = 5
	maxServiceName = 20
)

// UnmarshalJSON fills in the defaults, and rejects what no service has.
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
		r.refuse(key, r.config.Get(key), fmt.Sprintf("a list of services, such as [{name: users, paths: [/api/users*]}] (%v)", err))
		return nil
	}
	r.check(key, len(services) < 1 || len(services) > maxServices, fmt.Sprintf("a list of 1 to %d services", maxServices))
	paths := map[string]string{}
	for i, service := range services {
		r.service(key, service)
		twice := slices.ContainsFunc(services[:i], func(other Service) bool { return other.Name == service.Name })
		r.refuseService(twice, key, service, "name", service.Name, "no other service's")
		for _, path := range service.Paths {
			other := paths[path]
			r.refuseService(other != "", key, service, "paths", path, "no path of "+other)
			paths[path] = service.Name
		}
	}
	return services
}

func (r *reader) refuseService(wrong bool, key string, service Service, field, value, allowed string) {
	if wrong {
		r.problems = append(r.problems, fmt.Errorf("%s:%s: %s of the service %q is %q: it must be %s",
			r.project, key, field, service.Name, value, allowed))
	}
}

func (r *reader) service(key string, service Service) {
	refuseIf := func(wrong bool, field string, value any, allowed string) {
		r.refuseService(wrong, key, service, field, fmt.Sprint(value), allowed)
	}
	refuseIf(len(service.Name) > maxServiceName || !validate.Name.MatchString(service.Name), "name", service.Name,
		fmt.Sprintf("1 to %d lower-case letters, digits and single hyphens, a letter first", maxServiceName))
	refuseIf(len(service.Paths) < 1 || len(service.Paths) > elasticloadbalancing.MaxPaths, "paths", len(service.Paths),
		fmt.Sprintf("a list of 1 to %d paths", elasticloadbalancing.MaxPaths))
	for _, path := range service.Paths {
		refuseIf(elasticloadbalancing.CheckPath(path) != nil, "paths", path, fmt.Sprintf("a path of up to %d characters that "+
			`begins with /: letters, digits, _-.$/~"'@:+& and the wildcards * and ?`, elasticloadbalancing.MaxPathLength))
	}
	refuseIf(elasticloadbalancing.Wildcards(service.Paths) > elasticloadbalancing.MaxWildcards, "paths",
		strings.Join(service.Paths, " "), fmt.Sprintf("paths with %d wildcards at most", elasticloadbalancing.MaxWildcards))
	refuseIf(service.Image != "" && ecs.CheckImage(service.Image) != nil,
		"image", service.Image, "an image with its registry, and a tag other than latest or a digest, or empty")
	if err := fargate.CheckSize(service.CPU, service.MemoryMiB); err != nil {
		refuseIf(true, "cpu and memoryMiB", fmt.Sprintf("%d and %d", service.CPU, service.MemoryMiB), "a size of Fargate: "+err.Error())
	}
	refuseIf(service.Min < 2 || service.Max < service.Min, "min and max", fmt.Sprintf("%d and %d", service.Min, service.Max),
		"2 tasks or more, so that a zone may fail, and no more at least than at most")
	refuseIf(service.Signal.Check() != nil, "signal", service.Signal,
		"requests, cpu or memory")
	refuseIf(service.Signal.CheckTarget(service.Target) != nil, "target", service.Target,
		"1 or more, and 100 percent at most, or 0 for the signal's own")
	refuseIf(service.TrafficPercent < 0 || service.TrafficPercent > 100, "trafficPercent", service.TrafficPercent, "0 to 100")
	refuseIf(!slices.Contains([]DatabaseRole{NoDatabase, DatabaseWriter, DatabaseReader}, service.Database), "database",
		service.Database, "none, writer or reader")
}
