package database

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// readerTTL is the number of seconds for which a client may still use a replica that no longer exists.
const readerTTL = 10

// newReader creates the single name to read from, in a private zone of the network. The name exists from the first
// stage on and resolves to the writer, or to the replicas while they are healthy. Clients thus keep the same name when
// replicas are added or removed, and read from the writer when no replica is healthy: Route 53 answers with a record of
// weight 0 only if no record with a greater weight is healthy (Route 53 Developer Guide, "How Amazon Route 53 chooses
// records when health checking is configured").
func (d *Database) newReader(ctx *pulumi.Context, writer *rds.Instance, replicas []*replica) error {
	zone, err := route53.NewZone(ctx, d.name, &route53.ZoneArgs{
		Name:    pulumi.String(strings.ToLower(fmt.Sprintf("%s-%s.internal", ctx.Project(), ctx.Stack()))),
		Comment: pulumi.String("Names of the database, for its network only"),
		Vpcs:    route53.ZoneVpcArray{route53.ZoneVpcArgs{VpcId: d.args.VpcID}},
		Tags:    d.args.Tags,
	}, pulumi.Parent(d))
	if err != nil {
		return err
	}
	record, err := d.newReaderRecord(ctx, zone, "writer", writer, 0, nil)
	if err != nil {
		return err
	}
	for _, replica := range replicas {
		check, err := d.newHealthCheck(ctx, replica)
		if err != nil {
			return err
		}
		if _, err := d.newReaderRecord(ctx, zone, replica.zone, replica.instance, 1, check); err != nil {
			return err
		}
	}
	d.Reader = pulumi.Sprintf("%s:%d", record.Fqdn, port)
	return nil
}

// newReaderRecord creates one of the records of the reader's name. A record with a nil check always counts as healthy.
func (d *Database) newReaderRecord(
	ctx *pulumi.Context, zone *route53.Zone, identifier string, instance *rds.Instance, weight int, check *route53.HealthCheck,
) (*route53.Record, error) {
	args := &route53.RecordArgs{
		ZoneId:        zone.ZoneId,
		Name:          pulumi.Sprintf("%s-reader.%s", d.name, zone.Name),
		Type:          pulumi.String("CNAME"),
		Ttl:           pulumi.Int(readerTTL),
		Records:       pulumi.StringArray{instance.Address},
		SetIdentifier: pulumi.String(identifier),
		WeightedRoutingPolicies: route53.RecordWeightedRoutingPolicyArray{
			route53.RecordWeightedRoutingPolicyArgs{Weight: pulumi.Int(weight)},
		},
	}
	if check != nil {
		args.HealthCheckId = check.ID()
	}
	return route53.NewRecord(ctx, d.name+"-reader-"+identifier, args, pulumi.Parent(d))
}

// newHealthCheck creates a health check that follows the alarm on the replica's lag. A replica whose lag is unknown,
// because it is new or gone, counts as unhealthy: the writer is always available instead.
func (d *Database) newHealthCheck(ctx *pulumi.Context, replica *replica) (*route53.HealthCheck, error) {
	lag := replica.alarms[0]
	return route53.NewHealthCheck(ctx, replica.name, &route53.HealthCheckArgs{
		Type:                         pulumi.String("CLOUDWATCH_METRIC"),
		CloudwatchAlarmName:          lag.Name,
		CloudwatchAlarmRegion:        pulumi.String(d.args.Region),
		InsufficientDataHealthStatus: pulumi.String("Unhealthy"),
		// Route 53 copies the alarm's definition, and reads it again only when a trigger changes.
		Triggers: alarmDefinition(lag),
		Tags:     withName(d.args.Tags, replica.name),
	}, pulumi.Parent(d))
}

// alarmDefinition returns the properties of an alarm that Route 53 copies.
func alarmDefinition(alarm *cloudwatch.MetricAlarm) pulumi.StringMap {
	return pulumi.StringMap{
		"threshold":         pulumi.Sprintf("%g", alarm.Threshold.Elem()),
		"evaluationPeriods": pulumi.Sprintf("%d", alarm.EvaluationPeriods),
	}
}

// withName returns the tags and a Name tag, which the Route 53 console shows as the name of a health check.
func withName(tags pulumi.StringMap, name string) pulumi.StringMap {
	all := pulumi.StringMap{"Name": pulumi.String(name)}
	for key, value := range tags {
		all[key] = value
	}
	return all
}
