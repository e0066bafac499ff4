package tests

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"stagecraft/internal/offline/store"
	"stagecraft/internal/offline/workspace"
)

// publicName is where users reach the stacks that are probed.
const publicName = "www.example.com"

// snapshot are the resources that exist at one snapshot of an update, by URN.
type snapshot map[string]observed

// observed is a resource in a snapshot.
type observed struct {
	kind, id   string
	properties map[string]any
	// proven resources served before the update began.
	proven bool
}

func (o observed) text(name string) string { return text(o.properties[name]) }

func (o observed) texts(name string) []string {
	var texts []string
	for _, element := range list(o.properties[name]) {
		texts = append(texts, text(element))
	}
	return texts
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

func list(value any) []any {
	elements, _ := value.([]any)
	return elements
}

func fields(value any) observed {
	properties, _ := value.(map[string]any)
	return observed{properties: properties}
}

// all returns the resources of a type for which a property has a value.
func (m snapshot) all(kind, property, value string) []observed {
	var matches []observed
	for _, urn := range slices.Sorted(maps.Keys(m)) {
		if one := m[urn]; one.kind == kind && (property == "id" && one.id == value || one.text(property) == value) {
			matches = append(matches, one)
		}
	}
	return matches
}

func (m snapshot) one(kind, property, value string) (observed, error) {
	if matches := m.all(kind, property, value); len(matches) > 0 {
		return matches[0], nil
	}
	return observed{}, fmt.Errorf("there is no %s whose %s is %q", kind, property, value)
}

// users are who sends requests during an update: clients of the public name, and pages that were opened before it.
type users struct {
	// pages are the hosts that the versions of the page call, by their hashes.
	pages map[string]string
	// open is the host that pages call which were opened before the update.
	open string
}

// serves follows requests from the public name to what answers them, and from there to the database: those of a new
// visitor, of a client of the API's paths, and of a page that has been open since before the update.
func (m snapshot) serves(users users) error {
	if err := m.nameServes(users.open); err != nil {
		return fmt.Errorf("open pages: %w", err)
	}
	if err := m.nameServes(publicName); err != nil {
		return err
	}
	distribution, behind := m.distributionOf(publicName)
	if !behind {
		return nil
	}
	called, err := m.calledBy(users.pages)
	if err != nil {
		return err
	}
	if err := m.mayCall(distribution, called); err != nil {
		return err
	}
	if err := m.mayCall(distribution, users.open); err != nil {
		return fmt.Errorf("pages that an edge has cached: %w", err)
	}
	return m.nameServes(called)
}

// distributionOf is the distribution that a name routes to.
func (m snapshot) distributionOf(name string) (observed, bool) {
	record, err := m.address(name)
	if err != nil {
		return observed{}, false
	}
	distribution, err := m.one("aws:cloudfront/distribution:Distribution", "domainName", record)
	return distribution, err == nil
}

// nameServes follows a request for a path of the API at a name.
func (m snapshot) nameServes(name string) error {
	distribution, behind := m.distributionOf(name)
	if !behind {
		return m.hostServes(name, "0.0.0.0/0", "443")
	}
	if !slices.Contains(distribution.texts("aliases"), name) {
		return fmt.Errorf("CloudFront does not answer for %s", name)
	}
	return m.apiServes(distribution)
}

// calledBy is the host that the page calls.
func (m snapshot) calledBy(pages map[string]string) (string, error) {
	page, err := m.one("aws:s3/bucketObjectv2:BucketObjectv2", "key", "index.html")
	if err != nil {
		return "", err
	}
	called, known := pages[fields(page.properties["source"]).text("hash")]
	if !known {
		return "", errors.New("nobody knows where the page finds the API")
	}
	return called, nil
}

// mayCall needs a Content-Security-Policy that allows the page to call a host.
func (m snapshot) mayCall(distribution observed, host string) error {
	id := fields(distribution.properties["defaultCacheBehavior"]).text("responseHeadersPolicyId")
	policy, err := m.one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "id", id)
	if err != nil || host == publicName {
		return err
	}
	security := fields(fields(policy.properties["securityHeadersConfig"]).properties["contentSecurityPolicy"])
	if allowed := security.text("contentSecurityPolicy"); !strings.Contains(allowed, " https://"+host) {
		return fmt.Errorf("the page may not call %s: %s", host, allowed)
	}
	return nil
}

// address returns the address of a name: an IP address or the name of an AWS resource.
func (m snapshot) address(name string) (string, error) {
	for _, record := range m.all("aws:route53/record:Record", "fqdn", name) {
		if record.text("type") != "A" {
			continue
		}
		if aliases := list(record.properties["aliases"]); len(aliases) > 0 {
			return fields(aliases[0]).text("name"), nil
		}
		return record.texts("records")[0], nil
	}
	return "", fmt.Errorf("no record resolves the name %s", name)
}

// hostServes follows a request from a source, a CIDR or prefix list, to a port of an instance or load balancer.
func (m snapshot) hostServes(host, from, port string) error {
	address, err := m.address(host)
	if err != nil {
		return err
	}
	if balancer, err := m.one("aws:lb/loadBalancer:LoadBalancer", "dnsName", address); err == nil {
		return m.balancerServes(balancer, from, port)
	}
	elastic, err := m.one("aws:ec2/eip:Eip", "publicIp", address)
	if err != nil {
		return err
	}
	association, err := m.one("aws:ec2/eipAssociation:EipAssociation", "allocationId", elastic.id)
	if err != nil {
		return err
	}
	instance, err := m.one("aws:ec2/instance:Instance", "id", association.text("instanceId"))
	if err != nil {
		return err
	}
	if !association.proven && !slices.ContainsFunc(m.proofs(), func(proof proof) bool {
		return proof.Request.Connect == elastic.text("publicIp")
	}) {
		return fmt.Errorf("no gate has proved the instance at %s", elastic.text("publicIp"))
	}
	return errors.Join(
		m.opens("Ingress", instance.texts("vpcSecurityGroupIds"), from, port),
		m.reachesDatabase(instance.texts("vpcSecurityGroupIds")),
	)
}

// apiServes needs the API's paths at CloudFront.
func (m snapshot) apiServes(distribution observed) error {
	leads := false
	for _, behavior := range list(distribution.properties["orderedCacheBehaviors"]) {
		if !strings.HasPrefix(fields(behavior).text("pathPattern"), "/api") {
			continue
		}
		leads = true
		if err := m.originServes(distribution, fields(behavior).text("targetOriginId")); err != nil {
			return err
		}
	}
	if !leads {
		return errors.New("CloudFront does not route the API's paths")
	}
	return nil
}

func (m snapshot) originServes(distribution observed, id string) error {
	for _, element := range list(distribution.properties["origins"]) {
		origin := fields(element)
		if origin.text("originId") != id {
			continue
		}
		host := origin.text("domainName")
		if function, _, ok := strings.Cut(host, ".execute-api."); ok {
			_, err := m.one("aws:apigatewayv2/stage:Stage", "apiId", function)
			return err
		}
		return m.hostServes(host, "pl-", fields(origin.properties["customOriginConfig"]).text("httpsPort"))
	}
	return fmt.Errorf("CloudFront has no origin %s", id)
}

// balancerServes requires healthy targets for every path that a listener routes.
func (m snapshot) balancerServes(balancer observed, from, port string) error {
	if err := m.opens("Ingress", balancer.texts("securityGroups"), from, port); err != nil {
		return err
	}
	for _, listener := range m.all("aws:lb/listener:Listener", "loadBalancerArn", balancer.text("arn")) {
		if listener.text("port") != port {
			continue
		}
		actions := list(listener.properties["defaultActions"])
		for _, rule := range m.all("aws:lb/listenerRule:ListenerRule", "listenerArn", listener.text("arn")) {
			actions = append(actions, list(rule.properties["actions"])...)
		}
		groups := targetGroups(actions)
		if len(groups) == 0 {
			return fmt.Errorf("the load balancer forwards nothing from port %s", port)
		}
		for _, group := range groups {
			if err := m.targetsServe(balancer, group); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("the load balancer does not listen on port %s", port)
}

// targetGroups returns the target groups to which actions forward requests.
func targetGroups(actions []any) []string {
	var groups []string
	for _, element := range actions {
		action := fields(element)
		if group := action.text("targetGroupArn"); group != "" {
			groups = append(groups, group)
		}
		for _, weighted := range list(fields(action.properties["forward"]).properties["targetGroups"]) {
			if group := fields(weighted); group.text("weight") != "0" {
				groups = append(groups, group.text("arn"))
			}
		}
	}
	return groups
}

// targetsServe requires a target whose health the update has waited for.
func (m snapshot) targetsServe(balancer observed, group string) error {
	target, err := m.one("aws:lb/targetGroup:TargetGroup", "arn", group)
	if err != nil {
		return err
	}
	none := fmt.Errorf("the target group %s has no target that was waited for", target.text("name"))
	for _, groups := range m.targets(group) {
		none = errors.Join(
			m.opens("Egress", balancer.texts("securityGroups"), groups[0], target.text("port")),
			m.opens("Ingress", groups, balancer.texts("securityGroups")[0], target.text("port")),
			m.reachesDatabase(groups),
		)
		if none == nil {
			return nil
		}
	}
	return none
}

// targets are the security groups of each target of a group that a gate has found healthy.
func (m snapshot) targets(group string) [][]string {
	proofs := m.proofs()
	var healthy [][]string
	for _, attachment := range m.all("aws:lb/targetGroupAttachment:TargetGroupAttachment", "targetGroupArn", group) {
		instance, err := m.one("aws:ec2/instance:Instance", "id", attachment.text("targetId"))
		if err == nil && (attachment.proven || slices.ContainsFunc(proofs, func(proof proof) bool {
			return slices.Contains(proof.Targets.IDs, instance.id)
		})) {
			healthy = append(healthy, instance.texts("vpcSecurityGroupIds"))
		}
	}
	for _, scaling := range m.every("aws:autoscaling/group:Group") {
		proven := scaling.proven || slices.ContainsFunc(proofs, func(proof proof) bool {
			return proof.Targets.ScalingGroup == scaling.text("name")
		})
		if !proven || !slices.Contains(scaling.texts("targetGroupArns"), group) {
			continue
		}
		template, err := m.one("aws:ec2/launchTemplate:LaunchTemplate", "id", fields(scaling.properties["launchTemplate"]).text("id"))
		if err == nil {
			healthy = append(healthy, launched(template))
		}
	}
	for _, service := range m.every("aws:ecs/service:Service") {
		proven := service.proven || slices.ContainsFunc(proofs, func(proof proof) bool {
			return proof.Service.Name == service.text("name")
		})
		for _, balanced := range list(service.properties["loadBalancers"]) {
			if proven && fields(balanced).text("targetGroupArn") == group {
				healthy = append(healthy, fields(service.properties["networkConfiguration"]).texts("securityGroups"))
			}
		}
	}
	return healthy
}

// proof is what a gate has proved.
type proof struct {
	Last    bool
	Targets struct {
		IDs          []string
		ScalingGroup string
	}
	Service struct{ Name string }
	Request struct{ Connect string }
}

// proofs are the paths whose last call has passed: one that fails leaves nothing behind.
func (m snapshot) proofs() []proof {
	var passed []proof
	for _, call := range m.every("aws:lambda/invocation:Invocation") {
		var read proof
		if json.Unmarshal([]byte(call.text("input")), &read) == nil && read.Last {
			passed = append(passed, read)
		}
	}
	return passed
}

func launched(template observed) []string {
	if groups := template.texts("vpcSecurityGroupIds"); len(groups) > 0 {
		return groups
	}
	return fields(list(template.properties["networkInterfaces"])[0]).texts("securityGroups")
}

func (m snapshot) every(kind string) []observed {
	var matches []observed
	for _, one := range m {
		if one.kind == kind {
			matches = append(matches, one)
		}
	}
	return matches
}

// reachesDatabase needs a way from security groups to the database that is written to.
func (m snapshot) reachesDatabase(groups []string) error {
	for _, database := range m.every("aws:rds/instance:Instance") {
		if database.text("replicateSourceDb") != "" {
			continue
		}
		databaseGroups := database.texts("vpcSecurityGroupIds")
		return errors.Join(
			m.opens("Egress", groups, databaseGroups[0], database.text("port")),
			m.opens("Ingress", databaseGroups, groups[0], database.text("port")),
		)
	}
	return errors.New("there is no database")
}

// opens requires a rule of one of the groups that allows a port, from or to a CIDR, a prefix list or another group.
func (m snapshot) opens(direction string, groups []string, peer, port string) error {
	for _, rule := range m.every("aws:vpc/securityGroup" + direction + "Rule:SecurityGroup" + direction + "Rule") {
		lets := rule.text("cidrIpv4") == peer || rule.text("referencedSecurityGroupId") == peer ||
			peer == "pl-" && (strings.HasPrefix(rule.text("prefixListId"), peer) || rule.text("cidrIpv4") == "0.0.0.0/0")
		if lets && rule.text("fromPort") == port && slices.Contains(groups, rule.text("securityGroupId")) {
			return nil
		}
	}
	return fmt.Errorf("no %s rule of %v lets %s through port %s", direction, groups, peer, port)
}

// pages adds the host on which the stack's current page calls the API, by the hash of the page.
func (s stack) pages(known map[string]string) {
	s.t.Helper()
	for _, page := range s.now().all("aws:s3/bucketObjectv2:BucketObjectv2", "key", "index.html") {
		source := fields(page.properties["source"])
		called := apiOfPage.FindStringSubmatch(source.text("text"))
		require.NotNil(s.t, called, "the page names its API")
		api, err := url.Parse(called[1])
		require.NoError(s.t, err)
		known[source.text("hash")] = cmp.Or(api.Hostname(), publicName)
	}
}

var apiOfPage = regexp.MustCompile(`<meta name="api" content="([^"]+)">`)

// now returns the snapshot between two updates.
func (s stack) now() snapshot {
	s.t.Helper()
	existing := snapshot{}
	for _, known := range s.state() {
		existing[string(known.URN)] = observed{string(known.Type), string(known.ID), known.Outputs, true}
	}
	existing.reveal(s.store())
	return existing
}

// reveal reads secret properties from the cloud's records.
func (m snapshot) reveal(records []store.Record) {
	plain := map[[2]string]map[string]any{}
	for _, record := range records {
		var properties map[string]any
		if json.Unmarshal(record.Outputs, &properties) == nil {
			plain[[2]string{record.Type, record.ID}] = properties
		}
	}
	for urn, one := range m {
		for name, value := range one.properties {
			known, exists := plain[[2]string{one.kind, one.id}][name]
			if fields(value).text(resource.SigKey) == resource.SecretSig && exists {
				m[urn].properties[name] = known
			}
		}
	}
}

// probed is an update that was watched.
type probed struct {
	// breaks are the steps at which no request could be served, and why.
	breaks []string
	output string
	failed error
}

// probe updates the stack, and follows at each of its steps how a request would be served.
func (s stack) probe(interrupted interruption) probed {
	s.t.Helper()
	snapshots, known := []snapshot{s.now()}, map[string]string{}
	s.pages(known)
	open := publicName
	if _, behind := snapshots[0].distributionOf(publicName); behind {
		var err error
		open, err = snapshots[0].calledBy(known)
		require.NoError(s.t, err)
	}
	events := filepath.Join(s.t.TempDir(), "events.json")
	output, failed := s.interrupt(interrupted, events)

	var steps []string
	for _, event := range readEvents(s, events) {
		if next, step := snapshots[len(snapshots)-1].after(event); step != "" {
			snapshots, steps = append(snapshots, next), append(steps, step)
		}
	}
	s.pages(known)
	records := s.store()
	watched := probed{output: output, failed: failed}
	for i, step := range steps {
		snapshots[i+1].reveal(records)
		if err := snapshots[i+1].serves(users{known, open}); err != nil {
			watched.breaks = append(watched.breaks, fmt.Sprintf("%s: %v", step, err))
		}
	}
	return watched
}

// interruption is what happens to an update; nothing, if it is empty.
type interruption struct {
	// fault is a variable that asks the offline cloud for one.
	fault string
	// cancel is after how many steps a person presses Ctrl-C.
	cancel int
	// behavior is a variable that says how what the cloud runs behaves; the update is not interrupted.
	behavior string
}

// interrupt updates the stack, which writes its events to a file.
func (s stack) interrupt(interrupted interruption, events string) (output string, failed error) {
	s.t.Helper()
	command := s.workspace.Command(s.t.Context(), "up", "--yes", "--skip-preview", "--event-log", events,
		"--stack", s.name, "--non-interactive")
	command.Env = append(command.Env, "PULUMI_DEBUG_COMMANDS=true", interrupted.fault, interrupted.behavior)
	if interrupted.fault == "" && interrupted.cancel == 0 {
		command.Env = append(command.Env, workspace.WithoutCheckpoints...)
	}
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	require.NoError(s.t, command.Start())
	if interrupted.cancel > 0 {
		require.Eventually(s.t, func() bool {
			content, err := os.ReadFile(events)
			return err == nil && bytes.Count(content, []byte(`"resOutputsEvent"`)) >= interrupted.cancel
		}, time.Minute, time.Millisecond)
		require.NoError(s.t, command.Process.Signal(os.Interrupt))
	}
	failed = command.Wait()
	return printed.String(), failed
}

func readEvents(s stack, path string) []apitype.EngineEvent {
	s.t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(s.t, err)
	var events []apitype.EngineEvent
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, len(content)+1)
	for lines.Scan() {
		var event apitype.EngineEvent
		if json.Unmarshal(lines.Bytes(), &event) == nil { // a killed CLI leaves half a line
			events = append(events, event)
		}
	}
	return events
}

// after returns the snapshot after an event, and its step, "" if it changed nothing. It lacks what is being deleted.
func (m snapshot) after(event apitype.EngineEvent) (snapshot, string) {
	var step apitype.StepEventMetadata
	switch {
	case event.ResourcePreEvent != nil && isDeletion(event.ResourcePreEvent.Metadata.Op):
		step = event.ResourcePreEvent.Metadata
	case event.ResOutputsEvent != nil && !isDeletion(event.ResOutputsEvent.Metadata.Op):
		step = event.ResOutputsEvent.Metadata
	default:
		return m, ""
	}
	if step.Op == apitype.OpSame || step.Op == apitype.OpReplace {
		return m, ""
	}
	next := maps.Clone(m)
	if isDeletion(step.Op) {
		if existing, ok := m[step.URN]; !ok || step.Old == nil || existing.id != step.Old.ID {
			return m, ""
		}
		delete(next, step.URN)
	} else {
		next[step.URN] = observed{step.Type, step.New.ID, step.New.Outputs, m[step.URN].proven}
	}
	return next, fmt.Sprintf("%s of %s", step.Op, step.URN)
}

func isDeletion(op apitype.OpType) bool {
	return op == apitype.OpDelete || op == apitype.OpDeleteReplaced
}
