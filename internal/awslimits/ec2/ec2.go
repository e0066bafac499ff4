// Package ec2 knows the instance types of Amazon EC2.
package ec2

import "regexp"

// GravitonType is an instance type with Graviton (arm64) processors: its family's name has a g after the generation.
// Bare metal is not among them, since EC2 cannot recover it (Amazon EC2 User Guide, "Amazon EC2 instance type naming
// conventions"), nor is a1, on which Amazon Linux 2023 does not run.
var GravitonType = regexp.MustCompile(`^[a-z]+[0-9]+g[a-z]*\.(nano|micro|small|medium|large|[0-9]*xlarge)$`)
