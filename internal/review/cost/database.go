package cost

import "cmp"

var databaseRules = map[string]rule{
	"aws:rds/instance:Instance":                         rdsInstance,
	"aws:elasticache/replicationGroup:ReplicationGroup": replicationGroup,
	"aws:dynamodb/table:Table": func(r resource, s *stack) []charge {
		if r.text("billingMode") != "PAY_PER_REQUEST" {
			return []charge{{key: "dynamodb/provisioned capacity"}}
		}
		s.note("each request to a function reads one item of each table and writes one, of at most 1 kB")
		calls := s.usage.RequestsPerMonth * s.usage.FunctionShare / 1e6
		charges := []charge{
			{"dynamodb/read", calls, true}, {"dynamodb/write", calls, true}, {"dynamodb/storage", s.usage.TableGB, true},
		}
		if r.object("pointInTimeRecovery").isTrue("enabled") {
			charges = append(charges, charge{"dynamodb/recovery", s.usage.TableGB, true})
		}
		return charges
	},
	"aws:s3/bucketV2:BucketV2": func(_ resource, s *stack) []charge {
		return []charge{{"s3/storage", s.usage.BucketGB, true}}
	},
	"aws:ecr/repository:Repository": func(_ resource, s *stack) []charge {
		return []charge{{"ecr/storage", s.usage.ImageGB, true}}
	},
}

func rdsInstance(r resource, s *stack) []charge {
	size, copies := r.number("allocatedStorage"), 1.0
	if source, known := s.reference(r, "replicateSourceDb"); known && size == 0 {
		size = source.number("allocatedStorage")
	}
	if r.isTrue("multiAz") {
		copies = 2
	}
	if engine := r.text("engine"); engine != "" && engine != "postgres" {
		return []charge{{key: "rds/" + engine}}
	}
	storage := charge{"rds/" + cmp.Or(r.text("storageType"), "gp2"), copies * size, false}
	if size == 0 {
		storage = charge{key: "rds/storage, whose size is that of the replica's source"}
	}
	return []charge{
		{"rds/" + r.text("instanceClass"), copies * hours, false},
		storage,
		{"rds/backup", s.usage.BackupGBOverFree, true},
	}
}

func replicationGroup(r resource, _ *stack) []charge {
	nodes := r.number("numCacheClusters")
	if nodes == 0 {
		nodes = cmp.Or(r.number("numNodeGroups"), 1) * (1 + r.number("replicasPerNodeGroup"))
	}
	return []charge{{"elasticache/" + cmp.Or(r.text("engine"), "redis") + "/" + r.text("nodeType"), nodes * hours, false}}
}
