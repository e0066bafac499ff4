package pulumitest

import (
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Warnings are what a program warned of.
type Warnings struct {
	pulumi.Log

	mutex    sync.Mutex
	messages []string
}

// KeepWarnings has a program's warnings kept, and not logged.
func KeepWarnings(ctx *pulumi.Context) *Warnings {
	kept := &Warnings{Log: ctx.Log}
	ctx.Log = kept
	return kept
}

// Warn implements pulumi.Log.
func (w *Warnings) Warn(message string, _ *pulumi.LogArgs) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.messages = append(w.messages, message)
	return nil
}

// Messages are the warnings, in their order.
func (w *Warnings) Messages() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.messages
}
