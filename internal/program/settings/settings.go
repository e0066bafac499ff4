// Package settings reads the stack's configuration and checks all of it before any resource is declared. It does
// not depend on the AWS SDK. Types, defaults and descriptions are in Pulumi.yaml, so that the Pulumi CLI shows and enforces them.
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
	// KeepStage is the number of another stage, whose tiers run beside those of Stage while the stack grows; 0 for none.
	KeepStage int
	// Ephemeral marks a throw-away stack: nothing in it is protected from deletion.
	Ephemeral bool
	// CustomerKey encrypts data with a KMS key of the stack instead of keys that AWS owns.
	CustomerKey bool
	// OwnsAccountSingletons creates the resources that exist once per account and region; otherwise the stack looks them up.
	OwnsAccountSingletons bool
	// LogRetentionDays is the retention of logs.
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
	// Services replace the monolith.
	Services []Service
}

// Network configures the VPC.
type Network struct {
	// CIDR is the range of the VPC.
	CIDR netip.Prefix
	// AvailabilityZones is the number of zones that have subnets.
	AvailabilityZones int
	// SingleNAT shares one NAT gateway, even if the stage has one in each zone.
	SingleNAT bool
}

// Web is the size of the web tier.
type Web struct {
	// InstanceType is an EC2 instance type with Graviton (arm64) processors.
	InstanceType string
	// VolumeGiB is the size of an instance's root volume.
	VolumeGiB int
	// MinInstances and MaxInstances limit the size of the auto-scaling group.
	MinInstances, MaxInstances int
	// TargetRequests per minute and TargetCPUPercent are the load per instance that scaling aims at.
	TargetRequests, TargetCPUPercent int
	// ScheduledMinimum raises the minimum at certain times; nil for never.
	ScheduledMinimum *autoscaling.ScheduledMinimum
}

// Database is the size of the database, and its backups and updates.
type Database struct {
	// InstanceClass is an RDS instance class; ReplicaClass is that of replicas, "" for the same.
	InstanceClass, ReplicaClass string
	// EngineVersion is a PostgreSQL version.
	EngineVersion string
	// StorageGiB is allocated at creation; RDS extends it up to MaxStorageGiB.
	StorageGiB, MaxStorageGiB int
	// MaxConnections is the server's limit of connections.
	MaxConnections int
	// BackupRetentionDays is how far back point-in-time recovery reaches.
	BackupRetentionDays int
	// ApplyImmediately changes the instance during the update instead of in the next maintenance window.
	ApplyImmediately bool
}

// Entry configures how users' requests arrive.
type Entry struct {
	// ReadinessPath is where the service answers 200 when it can serve.
	ReadinessPath string
	// OriginSecretVersion counts the secrets between CloudFront and the load balancer.
	OriginSecretVersion int
}

// Cache is the size of the cache, and its snapshots.
type Cache struct {
	// NodeType is an ElastiCache node type.
	NodeType string
	// SnapshotDays is the retention of daily snapshots, 0 for none.
	SnapshotDays int
}

// Functions is the code of the functions, and the concurrency of each.
type Functions struct {
	// Archive is the path of a zip file with the program; "" leaves the code to releases.
	Archive string
	// ReservedConcurrency is guaranteed and the maximum; ProvisionedConcurrency is initialized in advance; 0 for none.
	ReservedConcurrency, ProvisionedConcurrency int
}

// Frontend is the single-page app, and how CloudFront serves it.
type Frontend struct {
	// Directory holds the app.
	Directory string
	// PriceClass selects the edge locations, and OriginShield the region of an additional cache in front of the bucket, ""
	// for none.
	PriceClass, OriginShield string
	// RateLimit is how many requests in five minutes the firewall allows per IP address.
	RateLimit int
}

// Domain is the public name of the service; both fields are empty without one.
type Domain struct {
	// Name is a host name such as www.example.com; HostedZone is the Route 53 zone that contains it.
	Name, HostedZone string
}

// Alarms is the address that is notified of alarms.
type Alarms struct{ Email string }

// Guard configures threat detection and the audit log, if the stack owns the account's singletons.
type Guard struct {
	// Plans are the enabled protection plans of GuardDuty.
	Plans []string
	// MinSeverity is the lowest severity of a GuardDuty finding that raises a notification.
	MinSeverity int
	// AuditLogRetentionDays is the retention of the log of AWS API calls.
	AuditLogRetentionDays int
}

// Budget limits what a month may cost.
type Budget struct {
	// MonthlyUSD is for the whole account; TierPercent is the share of it that one tier may use.
	MonthlyUSD, TierPercent int
	// AnomalyUSD is the smallest anomaly that raises a notification. AnomalyMonitorArn is an existing monitor, "" for one
	// that the stack creates.
	AnomalyUSD        int
	AnomalyMonitorArn string
	// ActivateTags activates the cost allocation tags.
	ActivateTags bool
}

// Delivery configures the pipelines.
type Delivery struct {
	// Repository is the repository's full name, "" for no delivery. Branch is the branch that is released.
	Repository, Branch string
	// Provider hosts the repository, and Connection is the ARN of an authorized connection to it, "" to create one.
	Provider, Connection string
	// Approval adds a manual approval to each release.
	Approval bool
	// Infrastructure adds a pipeline that runs Pulumi.
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
			ScheduledMinimum: reader.scheduledMinimum("webFloor"),
		},
		Database: reader.database(),
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
		Entry: Entry{
			ReadinessPath:       reader.matching("readinessPath", requestPath, "a path of up to 128 characters, such as /api/ready"),
			OriginSecretVersion: reader.integerFrom("originSecretVersion", 1, 1e6),
		},
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
	reader.validateNames(ctx.Project(), ctx.Stack())
	return read, errors.Join(append(reader.problems, unknownKeys(ctx)...)...)
}

// database returns the size and maintenance of the database.
func (r *reader) database() Database {
	return Database{
		InstanceClass: r.matching("databaseInstanceClass", databaseClass, "an RDS instance class, such as "+
			"db.t4g.small"),
		ReplicaClass: r.optional("databaseReplicaClass", databaseClass, "an RDS instance class, such as db.t4g.small"),
		EngineVersion: r.matching("databaseEngineVersion", postgresVersion, "a PostgreSQL version from 14 to 17, "+
			"such as 17 or 17.5"),
		StorageGiB:          r.integerFrom("databaseStorageGiB", 20, 65536),
		MaxStorageGiB:       r.integerFrom("databaseMaxStorageGiB", 22, 65536),
		MaxConnections:      r.integerFrom("databaseMaxConnections", 6, 8388607),
		BackupRetentionDays: r.integerFrom("databaseBackupRetentionDays", 0, 35),
		ApplyImmediately:    r.boolean("databaseApplyImmediately"),
	}
}

// validateCombinations rejects values that contradict each other.
func (r *reader) validateCombinations(read Settings) {
	r.rejectIf(read.Database.BackupRetentionDays == 0 && !read.Ephemeral, "databaseBackupRetentionDays", "0",
		"1 to 35: 0 means no backups, which only an ephemeral stack may do without")
	r.rejectIf(read.Database.MaxStorageGiB*10 < read.Database.StorageGiB*11, "databaseMaxStorageGiB",
		fmt.Sprint(read.Database.MaxStorageGiB), "at least a tenth above databaseStorageGiB")
	r.rejectIf(read.KeepStage == read.Stage, "keepStage", fmt.Sprint(read.KeepStage),
		"another stage than stage, or 0 for none")
	r.rejectIf(read.Functions.ReservedConcurrency > 0 &&
		read.Functions.ProvisionedConcurrency > read.Functions.ReservedConcurrency, "functionProvisionedConcurrency",
		fmt.Sprint(read.Functions.ProvisionedConcurrency), "no more than functionReservedConcurrency")
	r.rejectIf(read.Web.MaxInstances < read.Web.MinInstances, "webMaxInstances", fmt.Sprint(read.Web.MaxInstances),
		fmt.Sprintf("webMinInstances, %d, or more", read.Web.MinInstances))
	r.validateFloor("webFloor", read.Web)
	r.validateDomain(read.Domain)
}
