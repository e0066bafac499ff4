// Command pulumi-language-go is the Pulumi plugin of package languagehost. The Pulumi CLI starts it with the address of
// its engine as the last argument, and reads the port to call it on from its first line of output.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"

	"stagecraft/internal/offline/languagehost"
)

func main() {
	// The CLI passes these flags, or did so in earlier releases.
	for _, name := range []string{"tracing", "binary", "root", "buildTarget"} {
		flag.String(name, "", "accepted and not used")
	}
	flag.Parse()
	logging.InitLogging(false, 0, false) // defines -v and -logtostderr, which the CLI passes, too
	if flag.NArg() == 0 {
		fatal("usage: pulumi-language-go [flags] ENGINE_ADDRESS (only the Pulumi CLI starts it)")
	}
	// The engine interrupts a host that it no longer needs.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := languagehost.Serve(ctx, flag.Arg(flag.NArg()-1), os.Stdout, os.Stderr)
	cancel()
	if err != nil {
		fatal(err)
	}
}

func fatal(reason any) {
	fmt.Fprintln(os.Stderr, "pulumi-language-go:", reason)
	os.Exit(1)
}
