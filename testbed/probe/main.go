// Command probe is what the testbed's own tests run inside pods: it looks at the cluster as a pod sees it.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

const usage = `usage: probe say TEXT          print TEXT
       probe lookup NAME       print the addresses of NAME
       probe get URL           print what URL serves
       probe write PATH        write to the block device PATH, or to a new file in the directory PATH
       probe serve ADDR TEXT   serve TEXT over HTTP until told to stop`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "say":
		fmt.Println(args[1])
		return nil
	case len(args) == 2 && args[0] == "lookup":
		return lookup(args[1])
	case len(args) == 2 && args[0] == "get":
		return get(args[1])
	case len(args) == 2 && args[0] == "write":
		return write(args[1])
	case len(args) == 3 && args[0] == "serve":
		return serve(args[1], args[2])
	default:
		return fmt.Errorf("%s", usage)
	}
}

func lookup(name string) error {
	addresses, err := net.LookupHost(name)
	if err != nil {
		return err
	}
	for _, address := range addresses {
		fmt.Println(address)
	}
	return nil
}

func get(url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

func write(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	flags := os.O_WRONLY | os.O_SYNC
	if info.IsDir() {
		path = filepath.Join(path, "written")
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString("written by probe")
	return errors.Join(err, file.Close())
}

// serve ends well on SIGTERM, so that a pod's deletion need not wait for its grace period.
func serve(address, text string) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		<-stop
		listener.Close()
	}()
	fmt.Println("serving on", listener.Addr())
	err = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, text)
	}))
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
