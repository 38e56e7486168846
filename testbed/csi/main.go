// dvflow-csi is the storage driver of dvflow's testbed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"

	"dvflow.io/testbed/csi/driver"
	"dvflow.io/testbed/csi/registration"
	"dvflow.io/testbed/csi/remains"
	"dvflow.io/testbed/csi/state"
)

const (
	exitFailure = 1
	exitRemains = 3

	drainTime = 10 * time.Second
	lockTime  = 30 * time.Second
	lockPoll  = 10 * time.Millisecond
	// The kernel's bound on the path of a Unix socket, with its final zero.
	longestSocketPath = 107
)

type options struct {
	config          driver.Config
	endpoint        string
	registrationDir string
	stateDir        string
	kubeletRoot     string
	check           bool
	release         bool
	verbose         bool
}

func main() {
	code, err := run(parse())
	if err != nil {
		fmt.Fprintln(os.Stderr, "dvflow-csi:", err)
	}
	os.Exit(code)
}

func parse() options {
	var given options
	flag.StringVar(&given.config.Name, "name", "csi.testbed.dvflow.io", "name of the driver, as in its CSIDriver")
	flag.StringVar(&given.config.NodeID, "node-id", "", "name of the node")
	flag.Int64Var(&given.config.CapacityBytes, "capacity-bytes", 0, "what all volumes may have together; 0: no bound")
	flag.StringVar(&given.endpoint, "endpoint", "", "socket of the CSI services, unix://PATH")
	flag.StringVar(&given.registrationDir, "registration-dir", "",
		"the kubelet's plugin registration directory; empty: do not register")
	flag.StringVar(&given.stateDir, "state-dir", "", "directory of the volumes and their records")
	flag.StringVar(&given.kubeletRoot, "kubelet-root", "/var/lib/kubelet",
		"the kubelet's directory, made when it is missing")
	flag.BoolVar(&given.check, "check", false,
		"list mounts, loop devices, volumes and files that are left, then exit: 0 nothing, 3 something")
	flag.BoolVar(&given.release, "release", false, "unmount and detach all volumes, then exit; their files stay")
	flag.BoolVar(&given.verbose, "v", false, "log every call, not only the failed ones")
	flag.Parse()
	return given
}

func run(given options) (int, error) {
	if given.stateDir == "" {
		return exitFailure, errors.New("--state-dir is needed")
	}
	switch {
	case given.release:
		return releaseAll(given.stateDir)
	case given.check:
		return check(given.stateDir)
	default:
		if err := serve(given); err != nil {
			return exitFailure, err
		}
		return 0, nil
	}
}

func check(dir string) (int, error) {
	store, err := state.At(dir)
	if err != nil {
		return exitFailure, err
	}
	left, err := remains.Find(store)
	if err != nil {
		return exitFailure, err
	}
	for _, line := range left.Lines() {
		fmt.Println(line)
	}
	if len(left.Lines()) > 0 {
		return exitRemains, nil
	}
	return 0, nil
}

func releaseAll(dir string) (int, error) {
	store, err := state.At(dir)
	if err != nil {
		return exitFailure, err
	}
	left, err := remains.Find(store)
	if err == nil {
		err = left.Release()
	}
	if err != nil {
		return exitFailure, fmt.Errorf("release the volumes of %s: %w", dir, err)
	}
	return 0, nil
}

// serve ends with nil when a signal asks it to.
func serve(given options) error {
	if given.config.NodeID == "" || given.endpoint == "" {
		return errors.New("--node-id and --endpoint are needed")
	}
	level := slog.LevelInfo
	if given.verbose {
		level = slog.LevelDebug
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	if err := os.MkdirAll(given.kubeletRoot, 0o750); err != nil {
		return fmt.Errorf("make the kubelet's directory: %w", err)
	}
	store, err := state.Open(given.stateDir)
	if err != nil {
		return err
	}
	unlock, err := lockDirectory(store.Dir())
	if err != nil {
		return err
	}
	defer unlock()
	services, err := driver.NewServer(given.config, store)
	if err != nil {
		return err
	}
	return listenAndServe(given, services)
}

func listenAndServe(given options, services *grpc.Server) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	socket := strings.TrimPrefix(given.endpoint, "unix://")
	endpoint, err := listen(socket)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- services.Serve(endpoint) }()
	servers := []*grpc.Server{services}
	if given.registrationDir != "" {
		announcing, err := listen(registration.Socket(given.registrationDir, given.config.Name))
		if err != nil {
			return err
		}
		announcer := grpc.NewServer()
		registration.Register(announcer, given.config.Name, socket)
		go func() { failed <- announcer.Serve(announcing) }()
		servers = append(servers, announcer)
	}
	slog.Info("serving", "driver", given.config.Name, "node", given.config.NodeID, "endpoint", socket)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-stop:
		drain(servers)
		return nil
	}
}

// drain lets running calls end, but not forever: a call repeated after a kill is no harm here.
func drain(servers []*grpc.Server) {
	deadline := time.AfterFunc(drainTime, func() {
		for _, server := range servers {
			server.Stop()
		}
	})
	defer deadline.Stop()
	for _, server := range servers {
		server.GracefulStop()
	}
}

// listen replaces the socket that a killed process left.
func listen(socket string) (net.Listener, error) {
	if len(socket) > longestSocketPath {
		return nil, fmt.Errorf("socket path %s has %d bytes, the kernel takes %d; use a shorter kubelet root",
			socket, len(socket), longestSocketPath)
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		return nil, fmt.Errorf("make the socket's directory: %w", err)
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old socket: %w", err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

// lockDirectory keeps a second driver away. The lock also lives in every tool that the driver starts, for the sake of
// its successor after a kill: that one waits until no mkfs or resize2fs of the dead driver is at work any more.
func lockDirectory(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if err := awaitLock(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s (does another driver run on it?): %w", dir, err)
	}
	if _, err := unix.FcntlInt(file.Fd(), unix.F_SETFD, 0); err != nil {
		file.Close()
		return nil, fmt.Errorf("hand the lock of %s on to tools: %w", dir, err)
	}
	return func() { file.Close() }, nil
}

func awaitLock(file *os.File) error {
	deadline := time.Now().Add(lockTime)
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		slog.Warn("waiting for another driver, or a tool of one, to end", "lock", file.Name(), "atMost", lockTime)
	}
	for errors.Is(err, unix.EWOULDBLOCK) && time.Now().Before(deadline) {
		time.Sleep(lockPoll)
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	return err
}
