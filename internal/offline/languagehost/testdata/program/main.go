// Command program does what its arguments say, so that tests see how the language host runs a program.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
)

func main() {
	args := os.Args[1:]
	if len(args) == 0 {
		return
	}
	switch args[0] {
	case "env": // print the named environment variables and the working directory
		for _, name := range args[1:] {
			fmt.Printf("%s=%s\n", name, os.Getenv(name))
		}
		wd, err := os.Getwd()
		fmt.Println("wd", wd, err)
	case "exit":
		fmt.Println("to stdout")
		fmt.Fprintln(os.Stderr, "to stderr")
		code, err := strconv.Atoi(args[1])
		if err != nil {
			panic(err)
		}
		os.Exit(code)
	case "talk": // on stdout and stderr at once
		var done sync.WaitGroup
		for _, out := range []*os.File{os.Stdout, os.Stderr} {
			done.Go(func() {
				for i := range 1000 {
					fmt.Fprintln(out, i)
				}
			})
		}
		done.Wait()
	case "killed":
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
	case "hang": // with a child that hangs too, both on a connection to args[1] that only their end closes
		child := exec.Command(os.Args[0], "wait", args[1])
		if err := child.Start(); err != nil {
			panic(err)
		}
		wait(args[1])
	case "wait":
		wait(args[1])
	}
}

func wait(address string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	_, err = io.Copy(io.Discard, conn)
	panic(err)
}
