// Package fargate knows the sizes of tasks on AWS Fargate.
package fargate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const gibibyte = 1024

// sizes are what a task may have of memory, in MiB, by its CPU units (Amazon ECS Developer Guide, "Task CPU and memory"
// of the task definition parameters for Fargate).
var sizes = map[int][]int{
	256:   {gibibyte / 2, gibibyte, 2 * gibibyte},
	512:   steps(1, 4, 1),
	1024:  steps(2, 8, 1),
	2048:  steps(4, 16, 1),
	4096:  steps(8, 30, 1),
	8192:  steps(16, 60, 4),
	16384: steps(32, 120, 8),
}

// steps are sizes in MiB from least to most, all in GiB.
func steps(least, most, step int) []int {
	var list []int
	for size := least; size <= most; size += step {
		list = append(list, size*gibibyte)
	}
	return list
}

// CheckSize refuses CPU units and MiB of memory that no task has together; its error says what it may have.
func CheckSize(cpu, mebibytes int) error {
	allowed, known := sizes[cpu]
	if !known {
		return fmt.Errorf("%d CPU units: Fargate takes %s", cpu, oneOf(slices.Sorted(maps.Keys(sizes))))
	}
	if !slices.Contains(allowed, mebibytes) {
		return fmt.Errorf("%d CPU units and %d MiB of memory: with so many units, Fargate takes %s MiB", cpu, mebibytes,
			oneOf(allowed))
	}
	return nil
}

func oneOf(numbers []int) string {
	return "one of " + strings.Trim(fmt.Sprint(numbers), "[]")
}
