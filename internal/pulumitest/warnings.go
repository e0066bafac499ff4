package pulumitest

import (
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Warnings collects the warnings of a program.
type Warnings struct {
	pulumi.Log

	mutex    sync.Mutex
	messages []string
}

// KeepWarnings collects a program's warnings instead of logging them.
func KeepWarnings(ctx *pulumi.Context) *Warnings {
	warnings := &Warnings{Log: ctx.Log}
	ctx.Log = warnings
	return warnings
}

// Warn implements pulumi.Log.
func (w *Warnings) Warn(message string, _ *pulumi.LogArgs) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.messages = append(w.messages, message)
	return nil
}

// Messages returns the warnings, in their order.
func (w *Warnings) Messages() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.messages
}
