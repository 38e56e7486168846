// Command containerimage-server runs in a container of somebody's image and offers the disk in it to the transfer program in
// the same pod. Nothing of the image itself runs: this is a static program that was put beside it.
//
// It says what it offers, or why it cannot, in the file offer.json of the shared directory, serves until it is told to end, and
// reads nothing but the disk.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	offerFile = "offer.json"
	diskPath  = "/disk"
)

// offer is what the transfer program reads; either there is an URL or an error.
type offer struct {
	URL         string   `json:"url,omitempty"`
	Error       string   `json:"error,omitempty"`
	File        string   `json:"file,omitempty"`
	Environment []string `json:"environment,omitempty"`
}

func main() {
	disks := flag.String("disks", "/disk", "directory of the image that holds the disk")
	shared := flag.String("shared", "/shared", "directory that the transfer program looks into")
	address := flag.String("listen", "127.0.0.1:8100", "address to serve on")
	flag.Parse()

	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM, os.Interrupt)
	if err := offerDisk(*disks, *shared, *address); err != nil {
		log.Print(err)
		// Said once: the transfer program passes it on and ends, and this program with it.
		if err := say(*shared, offer{Error: err.Error()}); err != nil {
			log.Fatal(err)
		}
	}
	<-ending
}

// offerDisk returns when the disk is being served and that has been said.
func offerDisk(disks, shared, address string) error {
	disk, err := openDisk(disks)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot serve the disk within the pod: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+diskPath, disk)
	go func() { log.Fatal(http.Serve(listener, mux)) }()
	log.Printf("Serving %s on %s", disk.path, listener.Addr())
	return say(shared, offer{
		URL:         "http://" + listener.Addr().String() + diskPath,
		File:        disk.path,
		Environment: labelling(os.Environ()),
	})
}

// labelling leaves the variables that say something about the disk.
func labelling(environment []string) []string {
	var found []string
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		if strings.Contains(name, "KUBEVIRT_IO_") {
			found = append(found, variable)
		}
	}
	return found
}

// say writes the offer in one step: who sees the file sees all of it.
func say(shared string, what offer) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	draft := filepath.Join(shared, offerFile+".new")
	if err := os.WriteFile(draft, text, 0o644); err != nil {
		return err
	}
	return os.Rename(draft, filepath.Join(shared, offerFile))
}
