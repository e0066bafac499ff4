// Package settings reads the stack's configuration and checks all of it before any resource is declared. It knows no
// AWS resource. Types, defaults and descriptions are in Pulumi.yaml, so that the Pulumi CLI shows and enforces them.
package settings

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"stagecraft/internal/awslimits/autoscaling"
	"stagecraft/internal/awslimits/cloudfront"
	"stagecraft/internal/awslimits/codeconnections"
	"stagecraft/internal/awslimits/ec2"
	"stagecraft/internal/validate"
)

// Settings is a stack's configuration.
type Settings struct {
	// Stage is the number of the stage of growth.
	Stage int
	// KeepStage is the number of another stage, whose tiers run beside the stack's own while it grows; 0 for none.
	KeepStage int
	// Ephemeral marks a throw-away stack: nothing in it is protected from deletion.
	Ephemeral bool
	// CustomerKey has the stack encrypt with a key of its own, in the place of AWS's.
	CustomerKey bool
	// OwnsAccountSingletons says that this stack makes what exists once per account and region; else it finds it.
	OwnsAccountSingletons bool
	// LogRetentionDays is how long logs are kept.
	LogRetentionDays int
	// Tags are the user's own tags, on every resource.
	Tags map[string]string

	Network   Network
	Web       Web
	Database  Database
	Cache     Cache
	Functions Functions
	Entry     Entry
	Frontend  Frontend
	Domain    Domain
	Alarms    Alarms
	Guard     Guard
	Budget    Budget
	Delivery  Delivery
	// Services are those that take the monolith's place.
	Services []Service
}

// Network is where everything stands.
type Network struct {
	// CIDR is the range of the VPC.
	CIDR netip.Prefix
	// AvailabilityZones is how many zones the network is laid out for.
	AvailabilityZones int
	// SingleNAT shares one NAT gateway where the stage would have one in each zone.
	SingleNAT bool
}

// Web is the size of the web tier.
type Web struct {
	// InstanceType is an EC2 instance type with Graviton (arm64) processors.
	InstanceType string
	// VolumeGiB is the size of an instance's root volume.
	VolumeGiB int
	// MinInstances and MaxInstances are how few and how many instances an auto-scaling group may have.
	MinInstances, MaxInstances int
	// TargetRequests a minute and TargetCPUPercent are what one of its instances is meant for.
	TargetRequests, TargetCPUPercent int
	// ScheduledMinimum raises the minimum at certain times; nil for never.
	ScheduledMinimum *autoscaling.ScheduledMinimum
}

// Database is the size and care of the database.
type Database struct {
	// InstanceClass is an RDS instance class; ReplicaClass is that of replicas, "" for the same.
	InstanceClass, ReplicaClass string
	// EngineVersion is a PostgreSQL version.
	EngineVersion string
	// StorageGiB is allocated at first; RDS grows it to MaxStorageGiB by itself.
	StorageGiB, MaxStorageGiB int
	// MaxConnections is the server's limit of connections.
	MaxConnections int
	// BackupRetentionDays is how far point-in-time recovery reaches.
	BackupRetentionDays int
	// ApplyImmediately changes the instance during the update, and not in the next maintenance window.
	ApplyImmediately bool
}

// Entry is how users get in.
type Entry struct {
	// OriginSecretVersion counts the secrets between CloudFront and the load balancer.
	OriginSecretVersion int
}

// Cache is the size and care of the cache.
type Cache struct {
	// NodeType is an ElastiCache node type.
	NodeType string
	// SnapshotDays is how long daily snapshots are kept, 0 for none.
	SnapshotDays int
}

// Functions is what functions run, and how many executions are kept for each.
type Functions struct {
	// Archive is the path of a zip file with the program; "" leaves the code to releases.
	Archive string
	// ReservedConcurrency is kept from other functions, and ProvisionedConcurrency kept started; 0 for none.
	ReservedConcurrency, ProvisionedConcurrency int
}

// Frontend is the single-page app, and who gets it.
type Frontend struct {
	// Directory holds the app.
	Directory string
	// PriceClass says from which edge locations users are served, and OriginShield in which region one more cache is before
	// the bucket, "" for none.
	PriceClass, OriginShield string
	// RateLimit is how many requests an address may make in five minutes, where there is a firewall.
	RateLimit int
}

// Domain is the public name of the service; both are empty without one.
type Domain struct {
	// Name is the service's name, such as www.example.com; HostedZone is the Route 53 zone that it is in.
	Name, HostedZone string
}

// Alarms is who is notified of trouble.
type Alarms struct{ Email string }

// Guard is what is looked for, and kept, if the stack owns what the account has once.
type Guard struct {
	// Plans are GuardDuty's protection plans that are on.
	Plans []string
	// MinSeverity is from which severity on people are notified of threats.
	MinSeverity int
	// AuditLogRetentionDays is how long the log of AWS API calls is kept.
	AuditLogRetentionDays int
}

// Budget is what a month may cost.
type Budget struct {
	// MonthlyUSD is for the whole account; TierPercent is what part of it one tier may take.
	MonthlyUSD, TierPercent int
	// AnomalyUSD is from how much beyond the usual people are notified of an anomaly, and AnomalyMonitorArn who looks for it, ""
	// for a monitor of this stack's.
	AnomalyUSD        int
	AnomalyMonitorArn string
	// ActivateTags has costs counted by tags.
	ActivateTags bool
}

// Delivery is how the service is released.
type Delivery struct {
	// Repository is released, as the provider calls it; "" for no delivery. Branch is its branch.
	Repository, Branch string
	// Provider hosts the repository, and Connection is the ARN of an authorized connection to it, "" to make one.
	Provider, Connection string
	// Approval creates each release wait for a person.
	Approval bool
	// Infrastructure creates a pipeline that runs Pulumi.
	Infrastructure bool
}

// Read reads and checks the configuration. Its error names every wrong key, its value and what is allowed.
func Read(ctx *pulumi.Context) (Settings, error) {
	reader := reader{project: ctx.Project(), config: config.New(ctx, "")}
	read := Settings{
		Stage:                 reader.integer("stage"),
		KeepStage:             reader.integer("keepStage"),
		Ephemeral:             reader.boolean("ephemeral"),
		CustomerKey:           reader.oneOf("encryptionKey", "aws", "customer") == "customer",
		OwnsAccountSingletons: reader.oneOf("accountSingletons", "owned", "found") == "owned",
		LogRetentionDays:      reader.integerIn("logRetentionDays", retentionDays...),
		Tags:                  reader.tags("tags"),
		Network: Network{
			CIDR:              reader.privateRange("networkCidr", 16, 22),
			AvailabilityZones: reader.integerFrom("availabilityZones", 2, 4),
			SingleNAT:         reader.boolean("singleNatGateway"),
		},
		Web: Web{
			InstanceType: reader.matching("webInstanceType", ec2.GravitonType, "an EC2 instance type with Graviton "+
				"processors, such as t4g.small or m7g.large"),
			VolumeGiB:        reader.integerFrom("webVolumeGiB", 8, 16384),
			MinInstances:     reader.integerFrom("webMinInstances", 1, 1000),
			MaxInstances:     reader.integerFrom("webMaxInstances", 1, 1000),
			TargetRequests:   reader.integerFrom("webTargetRequests", 1, 1e9),
			TargetCPUPercent: reader.integerFrom("webTargetCpuPercent", 10, 79),
			ScheduledMinimum: reader.floor("webFloor"),
		},
		Database: Database{
			InstanceClass: reader.matching("databaseInstanceClass", databaseClass, "an RDS instance class, such as "+
				"db.t4g.small"),
			ReplicaClass: reader.optional("databaseReplicaClass", databaseClass, "an RDS instance class, such as db.t4g.small"),
			EngineVersion: reader.matching("databaseEngineVersion", postgresVersion, "a PostgreSQL version from 14 to 17, "+
				"such as 17 or 17.5"),
			StorageGiB:          reader.integerFrom("databaseStorageGiB", 20, 65536),
			MaxStorageGiB:       reader.integerFrom("databaseMaxStorageGiB", 22, 65536),
			MaxConnections:      reader.integerFrom("databaseMaxConnections", 6, 8388607),
			BackupRetentionDays: reader.integerFrom("databaseBackupRetentionDays", 0, 35),
			ApplyImmediately:    reader.boolean("databaseApplyImmediately"),
		},
		Cache: Cache{
			NodeType: reader.matching("cacheNodeType", cacheNode, "an ElastiCache node type with Graviton processors, such as "+
				"cache.t4g.small or cache.m7g.large"),
			SnapshotDays: reader.integerFrom("cacheSnapshotDays", 0, 35),
		},
		Functions: Functions{
			Archive:                reader.optional("functionArchive", zipFile, "the path of a zip file"),
			ReservedConcurrency:    reader.integerFrom("functionReservedConcurrency", 0, 1e6),
			ProvisionedConcurrency: reader.integerFrom("functionProvisionedConcurrency", 0, 1e6),
		},
		Entry: Entry{OriginSecretVersion: reader.integerFrom("originSecretVersion", 1, 1e6)},
		Frontend: Frontend{
			Directory:    reader.matching("frontendDirectory", directoryPath, "a directory's path"),
			PriceClass:   reader.oneOf("priceClass", cloudfront.PriceClasses()...),
			OriginShield: reader.optional("originShield", shieldRegion, "a region that offers Origin Shield, such as eu-west-1"),
			RateLimit:    reader.integerFrom("wafRateLimit", 10, 2e9),
		},
		Domain: Domain{Name: reader.text("domain"), HostedZone: reader.text("hostedZone")},
		Alarms: Alarms{Email: reader.matching("alarmEmail", validate.EmailAddress, "an e-mail address")},
		Guard: Guard{
			Plans:                 reader.subset("guardDutyPlans", guardDutyPlans...),
			MinSeverity:           reader.integerFrom("findingSeverity", 1, 9),
			AuditLogRetentionDays: reader.integerFrom("auditLogRetentionDays", 1, 3653),
		},
		Budget: Budget{
			MonthlyUSD:        reader.integerFrom("monthlyBudgetUsd", 1, 1e9),
			TierPercent:       reader.integerFrom("tierBudgetPercent", 1, 100),
			AnomalyUSD:        reader.integerFrom("anomalyUsd", 1, 1e9),
			AnomalyMonitorArn: reader.optional("anomalyMonitorArn", anomalyMonitor, "the ARN of a Cost Explorer anomaly monitor"),
			ActivateTags:      reader.boolean("activateCostTags"),
		},
		Delivery: Delivery{
			Repository:     reader.optional("repository", codeconnections.Repository, "a repository such as owner/name"),
			Branch:         reader.matching("repositoryBranch", codeconnections.Branch, "a branch's name"),
			Provider:       reader.oneOf("repositoryProvider", codeconnections.Providers()...),
			Connection:     reader.optional("repositoryConnection", connectionARN, "the ARN of a CodeConnections connection"),
			Approval:       reader.boolean("releaseApproval"),
			Infrastructure: reader.boolean("infrastructurePipeline"),
		},
		Services: reader.services("services"),
	}
	reader.validateCombinations(read)
	reader.names(ctx.Project(), ctx.Stack())
	return read, errors.Join(append(reader.problems, unknownKeys(ctx)...)...)
}

// validateCombinations checks what depends on more than one key.
func (r *reader) validateCombinations(read Settings) {
	r.refuseIf(read.Database.BackupRetentionDays == 0 && !read.Ephemeral, "databaseBackupRetentionDays", "0",
		"1 to 35: 0 means no backups, which only an ephemeral stack may do without")
	r.refuseIf(read.Database.MaxStorageGiB*10 < read.Database.StorageGiB*11, "databaseMaxStorageGiB",
		fmt.Sprint(read.Database.MaxStorageGiB), "at least a tenth above databaseStorageGiB")
	r.refuseIf(read.KeepStage == read.Stage, "keepStage", fmt.Sprint(read.KeepStage),
		"another stage than stage, or 0 for none")
	r.refuseIf(read.Functions.ReservedConcurrency > 0 &&
		read.Functions.ProvisionedConcurrency > read.Functions.ReservedConcurrency, "functionProvisionedConcurrency",
		fmt.Sprint(read.Functions.ProvisionedConcurrency), "no more than functionReservedConcurrency")
	r.refuseIf(read.Web.MaxInstances < read.Web.MinInstances, "webMaxInstances", fmt.Sprint(read.Web.MaxInstances),
		fmt.Sprintf("webMinInstances, %d, or more", read.Web.MinInstances))
	r.between("webFloor", read.Web)
	r.domain(read.Domain)
}
