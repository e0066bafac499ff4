package cloud

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The environment variables that inject faults into the run of one command.
const (
	// FailCreateVariable is the number of the create that fails, counted from 1.
	FailCreateVariable = "STAGECRAFT_OFFLINE_FAIL_CREATE"
	// KillCreateVariable is the number of the create at which the provider dies, counted from 1.
	KillCreateVariable = "STAGECRAFT_OFFLINE_KILL_CREATE"
	// TimeScaleVariable is the time of provisioning as a fraction of the time that AWS typically takes: 0.01 is a hundred
	// times faster than AWS. Default: 0, no time at all.
	TimeScaleVariable = "STAGECRAFT_OFFLINE_TIME_SCALE"
	// UnhealthyVariable lists types, with commas between, whose resources never become healthy.
	UnhealthyVariable = "STAGECRAFT_OFFLINE_UNHEALTHY"
	// ReleasedVariable lists types, with commas between, to whose resources the application was released: the offline
	// cloud runs no pipeline, and otherwise takes what it serves for the placeholder.
	ReleasedVariable = "STAGECRAFT_OFFLINE_RELEASED"
)

// Faults are injected faults. The zero value injects none, and provisioning takes no time.
type Faults struct {
	// FailCreate and KillCreate count creates from 1; 0 is never.
	FailCreate, KillCreate int64
	// TimeScale is the provisioning time as a fraction of AWS's.
	TimeScale float64
	// Unhealthy are types whose resources never become healthy, and Released those to which the application was released.
	Unhealthy, Released []string

	creates atomic.Int64
	alive   sync.RWMutex
}

// FaultsFromEnvironment reads the faults from the environment variables. A value that is not a number is an error.
func FaultsFromEnvironment() (*Faults, error) {
	faults := &Faults{}
	counts := map[string]*int64{FailCreateVariable: &faults.FailCreate, KillCreateVariable: &faults.KillCreate}
	for variable, count := range counts {
		if text := os.Getenv(variable); text != "" {
			number, err := strconv.ParseInt(text, 10, 64)
			if err != nil || number < 1 {
				return nil, fmt.Errorf("%s is %q: it must be a whole number from 1", variable, text)
			}
			*count = number
		}
	}
	if text := os.Getenv(TimeScaleVariable); text != "" {
		scale, err := strconv.ParseFloat(text, 64)
		if err != nil || scale < 0 {
			return nil, fmt.Errorf("%s is %q: it must be a number from 0", TimeScaleVariable, text)
		}
		faults.TimeScale = scale
	}
	faults.Unhealthy = strings.Split(os.Getenv(UnhealthyVariable), ",")
	faults.Released = strings.Split(os.Getenv(ReleasedVariable), ",")
	return faults, nil
}

// provision waits for a resource's creation time, or injects the fault of this create.
func (f *Faults) provision(ctx context.Context, takes time.Duration) error {
	create := f.creates.Add(1)
	if create == f.KillCreate {
		return f.die()
	}
	if create == f.FailCreate {
		return &APIError{Code: "InternalError", Message: fmt.Sprintf(
			"An internal error has occurred (injected by %s=%d)", FailCreateVariable, create)}
	}
	select {
	case <-time.After(time.Duration(float64(takes) * f.TimeScale)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commit runs work, unless the provider is dying.
func (f *Faults) commit(work func() error) error {
	f.alive.RLock()
	defer f.alive.RUnlock()
	return work()
}

// replyTime is long enough for pending replies to reach the engine.
const replyTime = 200 * time.Millisecond

// die kills the process between two creates: the engine has already recorded everything that was created.
func (f *Faults) die() error {
	f.alive.Lock()
	time.Sleep(replyTime)
	process, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	return process.Kill()
}
