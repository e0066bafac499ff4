package cost

import "cmp"

var databaseRules = map[string]rule{
	"aws:rds/instance:Instance":                         rdsInstance,
	"aws:elasticache/replicationGroup:ReplicationGroup": replicationGroup,
	"aws:dynamodb/table:Table": func(of resource, in *stack) []charge {
		if of.text("billingMode") != "PAY_PER_REQUEST" {
			return []charge{{key: "dynamodb/provisioned capacity"}}
		}
		in.note("each request to a function reads one item of each table and writes one, of at most 1 kB")
		calls := in.usage.RequestsPerMonth * in.usage.FunctionShare / 1e6
		charges := []charge{
			{"dynamodb/read", calls, true}, {"dynamodb/write", calls, true}, {"dynamodb/storage", in.usage.TableGB, true},
		}
		if of.object("pointInTimeRecovery").is("enabled") {
			charges = append(charges, charge{"dynamodb/recovery", in.usage.TableGB, true})
		}
		return charges
	},
	"aws:s3/bucketV2:BucketV2": func(_ resource, in *stack) []charge {
		return []charge{{"s3/storage", in.usage.BucketGB, true}}
	},
	"aws:ecr/repository:Repository": func(_ resource, in *stack) []charge {
		return []charge{{"ecr/storage", in.usage.ImageGB, true}}
	},
}

func rdsInstance(of resource, in *stack) []charge {
	size, copies := of.number("allocatedStorage"), 1.0
	if source, found := in.referred(of, "replicateSourceDb"); found && size == 0 {
		size = source.number("allocatedStorage")
	}
	if of.is("multiAz") {
		copies = 2
	}
	if engine := of.text("engine"); engine != "" && engine != "postgres" {
		return []charge{{key: "rds/" + engine}}
	}
	storage := charge{"rds/" + cmp.Or(of.text("storageType"), "gp2"), copies * size, false}
	if size == 0 {
		storage = charge{key: "rds/storage, whose size the source of the replica tells"}
	}
	return []charge{
		{"rds/" + of.text("instanceClass"), copies * hours, false},
		storage,
		{"rds/backup", in.usage.BackupGBOverFree, true},
	}
}

func replicationGroup(of resource, _ *stack) []charge {
	nodes := of.number("numCacheClusters")
	if nodes == 0 {
		nodes = cmp.Or(of.number("numNodeGroups"), 1) * (1 + of.number("replicasPerNodeGroup"))
	}
	return []charge{{"elasticache/" + cmp.Or(of.text("engine"), "redis") + "/" + of.text("nodeType"), nodes * hours, false}}
}
