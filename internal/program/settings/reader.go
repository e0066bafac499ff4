package settings

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"stagecraft/internal/awslimits/autoscaling"
	"stagecraft/internal/awslimits/cloudfront"
	"stagecraft/internal/validate"
)

// retentionDays are the retentions that CloudWatch Logs accepts (CloudWatch Logs API, PutRetentionPolicy).
var retentionDays = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

var (
	databaseClass   = regexp.MustCompile(`^db\.[a-z]+[0-9]+[a-z]*\.([0-9]*xlarge|large|medium|small|micro)$`)
	cacheNode       = regexp.MustCompile(`^cache\.(t4g\.(micro|small|medium)|[mr][67]g\.([0-9]*xlarge|large))$`)
	postgresVersion = regexp.MustCompile(`^1[4-7](\.[0-9]+)?$`)
	requestPath     = regexp.MustCompile(`^/[\w.~/-]{0,127}$`)
	// ownedByAWS matches the prefixes that AWS reserves in names of Systems Manager parameters (AWS Systems Manager API,
	// PutParameter).
	ownedByAWS = regexp.MustCompile(`^(aws|ssm)`)
)

// directoryPath matches plain paths, and shieldRegion the regions in which CloudFront offers Origin Shield.
var (
	directoryPath = regexp.MustCompile(`^[\w. /\\:~-]+$`)
	shieldRegion  = regexp.MustCompile("^(" + strings.Join(cloudfront.ShieldRegions(), "|") + ")$")
)

// Names and ARNs of what the stack does not create.
var (
	anomalyMonitor = regexp.MustCompile(`^arn:aws:ce::[0-9]{12}:anomalymonitor/[0-9a-f-]+$`)
	connectionARN  = regexp.MustCompile(`^arn:aws:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]+$`)
	zipFile        = regexp.MustCompile(`\.zip$`)
)

// guardDutyPlans are the names of GuardDuty's protection plans (GuardDuty API, DetectorFeatureConfiguration).
var guardDutyPlans = []string{
	"S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS",
	"RUNTIME_MONITORING",
}

// Names of AWS resources contain the project's and the stack's. The tightest limits are those of RDS identifiers,
// which begin with the stack's name (63 characters), of pipelines and budgets, which begin with both (100), and of the
// state bucket, which begins with the project's name and ends with account and region (63).
const (
	maxProjectName = 20
	maxStackName   = 40
)

// reader reads configuration and collects what is wrong with it.
type reader struct {
	project  string
	config   *config.Config
	problems []error
}

func (r *reader) reject(key, value, allowed string) {
	r.problems = append(r.problems, fmt.Errorf("%s:%s is %q: it must be %s", r.project, key, value, allowed))
}

func (r *reader) rejectIf(wrong bool, key, value, allowed string) {
	if wrong {
		r.reject(key, value, allowed)
	}
}

// require reads a key by one of config's Try functions.
func require[T any](r *reader, key, kind string, try func(string) (T, error)) T {
	if r.config.Get(key) == "" {
		r.problems = append(r.problems, fmt.Errorf(
			"%s:%s is not set: set it to %s with `pulumi config set %s VALUE`", r.project, key, kind, key))
		var zero T
		return zero
	}
	value, err := try(key)
	if err != nil {
		r.reject(key, r.config.Get(key), kind)
	}
	return value
}

func (r *reader) integer(key string) int {
	return require(r, key, "a whole number", r.config.TryInt)
}

func (r *reader) boolean(key string) bool {
	return require(r, key, "true or false", r.config.TryBool)
}

// text reads a key that may be empty.
func (r *reader) text(key string) string { return r.config.Get(key) }

func (r *reader) integerFrom(key string, least, most int) int {
	value := r.integer(key)
	r.check(key, value < least || value > most, fmt.Sprintf("a whole number from %d to %d", least, most))
	return value
}

func (r *reader) integerIn(key string, allowed ...int) int {
	value := r.integer(key)
	r.check(key, !slices.Contains(allowed, value), "one of "+strings.Trim(fmt.Sprint(allowed), "[]"))
	return value
}

func (r *reader) oneOf(key string, allowed ...string) string {
	value := require(r, key, strings.Join(allowed, " or "), r.config.Try)
	r.check(key, !slices.Contains(allowed, value), strings.Join(allowed, " or "))
	return value
}

func (r *reader) matching(key string, pattern *regexp.Regexp, allowed string) string {
	value := require(r, key, allowed, r.config.Try)
	r.check(key, !pattern.MatchString(value), allowed)
	return value
}

// optional reads a key that may be empty.
func (r *reader) optional(key string, pattern *regexp.Regexp, allowed string) string {
	value := r.text(key)
	r.check(key, value != "" && !pattern.MatchString(value), allowed+", or empty")
	return value
}

// subset reads a list, which may be empty.
func (r *reader) subset(key string, allowed ...string) []string {
	var values []string
	want := "a list of some of " + strings.Join(allowed, ", ")
	if err := r.config.TryObject(key, &values); err != nil {
		r.reject(key, r.config.Get(key), want)
	}
	r.check(key, slices.ContainsFunc(values, func(value string) bool { return !slices.Contains(allowed, value) }), want)
	return values
}

// scheduledMinimum reads an object, which may be empty. The default time zone is Etc/UTC.
func (r *reader) scheduledMinimum(key string) *autoscaling.ScheduledMinimum {
	floor := autoscaling.ScheduledMinimum{TimeZone: "Etc/UTC"}
	const want = `empty, or an object such as {"instances": 6, "begin": "0 7 * * MON-FRI", "end": "0 19 * * MON-FRI", ` +
		`"timeZone": "Europe/Berlin"}`
	decoder := json.NewDecoder(strings.NewReader(cmp.Or(r.config.Get(key), "{}")))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&floor); err != nil {
		r.reject(key, r.config.Get(key), want)
		return nil
	}
	if floor == (autoscaling.ScheduledMinimum{TimeZone: "Etc/UTC"}) {
		return nil
	}
	r.check(key, floor.CheckTimes() != nil, want)
	return &floor
}

// validateFloor rejects a scheduled minimum that does not raise the minimum, or exceeds the maximum.
func (r *reader) validateFloor(key string, web Web) {
	if web.ScheduledMinimum != nil {
		r.check(key, web.ScheduledMinimum.CheckInstances(web.MinInstances, web.MaxInstances) != nil,
			fmt.Sprintf("of more instances than webMinInstances, %d, and up to webMaxInstances, %d", web.MinInstances, web.MaxInstances))
	}
}

// check rejects a key's value, unless the key is already known to be wrong.
func (r *reader) check(key string, wrong bool, allowed string) {
	prefix := r.project + ":" + key + " "
	known := slices.ContainsFunc(r.problems, func(problem error) bool { return strings.HasPrefix(problem.Error(), prefix) })
	r.rejectIf(wrong && !known, key, r.config.Get(key), allowed)
}

func (r *reader) privateRange(key string, least, most int) netip.Prefix {
	allowed := fmt.Sprintf("a private IPv4 range from /%d to /%d, such as 10.0.0.0/16: "+
		"the subnets do not fit into a smaller one", least, most)
	value, _ := netip.ParsePrefix(require(r, key, allowed, r.config.Try))
	fits := value.Addr().Is4() && value.Addr().IsPrivate() && value == value.Masked() &&
		value.Bits() >= least && value.Bits() <= most
	r.check(key, !fits, allowed)
	return value
}

// Limits of tags (Tagging AWS Resources User Guide, "Tag naming limits and requirements"), less the tags that every
// resource already has.
const (
	maxTags     = 40
	maxTagValue = 256
)

// tagKey matches the keys that instance metadata accepts: no spaces, no slashes (Amazon EC2 User Guide, "Enable access
// to tags in instance metadata").
var tagKey = regexp.MustCompile(`^[A-Za-z0-9+\-=._:@,]{1,128}$`)

var ownTags = []string{"Kind", "Name", "PatchGroup", "Project", "Stack", "Tier"}

func (r *reader) tags(key string) map[string]string {
	tags := map[string]string{}
	if r.config.Get(key) == "" {
		return tags
	}
	if err := r.config.TryObject(key, &tags); err != nil {
		r.reject(key, r.config.Get(key), "a map from tag keys to tag values")
		return nil
	}
	r.check(key, len(tags) > maxTags, fmt.Sprintf("a map of %d tags at most", maxTags))
	for name, value := range tags {
		if slices.Contains(ownTags, name) || strings.HasPrefix(strings.ToLower(name), "aws:") {
			r.reject(key, name, "a map without the keys that Stagecraft sets ("+strings.Join(ownTags, ", ")+") or AWS reserves (aws:)")
		}
		if !tagKey.MatchString(name) || len(value) > maxTagValue {
			r.reject(key, name+"="+value, fmt.Sprintf("a map with keys of 1 to 128 letters, digits and + - = . , _ : @, "+
				"and values of up to %d characters", maxTagValue))
		}
	}
	return tags
}

// maxDomain leaves room for "api." in a certificate's name (ACM API Reference, "RequestCertificate").
const maxDomain = 60

// validateDomain rejects a domain without its hosted zone, or outside of it.
func (r *reader) validateDomain(domain Domain) {
	switch {
	case domain.Name == "" && domain.HostedZone == "":
	case domain.Name == "" || domain.HostedZone == "":
		r.reject("domain", domain.Name, fmt.Sprintf("set together with hostedZone, which is %q, or neither", domain.HostedZone))
	case !validate.HostName.MatchString(domain.Name):
		r.reject("domain", domain.Name, "a host name in lower case, such as www.example.com")
	case len(domain.Name) > maxDomain:
		r.reject("domain", domain.Name, fmt.Sprintf("of %d characters at most: certificates, for api.DOMAIN too, have names of 64",
			maxDomain))
	case domain.Name != domain.HostedZone && !strings.HasSuffix(domain.Name, "."+domain.HostedZone):
		r.reject("domain", domain.Name, fmt.Sprintf("a name in the hosted zone %q", domain.HostedZone))
	}
}

// validateNames rejects names of the project and the stack that cannot be used in AWS resource names.
func (r *reader) validateNames(project, stack string) {
	const form = "lower-case letters, digits and single hyphens, a letter first"
	reject := func(format string, values ...any) { r.problems = append(r.problems, fmt.Errorf(format, values...)) }
	if len(project) > maxProjectName || !validate.Name.MatchString(project) {
		reject("the project's name is %q: AWS resources are named after it, so it must be %d characters at most (a pipeline's "+
			"name, of 100, begins with it and the stack's): %s. Change name in Pulumi.yaml", project, maxProjectName, form)
	}
	if ownedByAWS.MatchString(project) {
		reject("the project's name is %q: names of Systems Manager parameters must not begin with aws or ssm. Change name in Pulumi.yaml",
			project)
	}
	if len(stack) > maxStackName || !validate.Name.MatchString(stack) {
		reject("the stack's name is %q: AWS resources are named after it, so it must be %d characters at most (an RDS "+
			"identifier, of 63, begins with it): %s", stack, maxStackName, form)
	}
}
