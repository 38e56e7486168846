// Package sanity holds the driver against the conformance tests of the CSI project. A module of its own keeps their
// dependencies out of the driver's.
package sanity

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"golang.org/x/sys/unix"
)

func TestConformance(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("loop devices and mounts need root")
	}
	root, err := os.MkdirTemp("", "csi") // short, for the socket's sake
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	binary, state := filepath.Join(root, "dvflow-csi"), filepath.Join(root, "state")
	run(t, "go", "build", "-C", "..", "-o", binary, ".")
	config := sanity.NewTestConfig()
	config.Address = "unix://" + filepath.Join(root, "csi.sock")
	config.TargetPath = filepath.Join(root, "target")
	config.StagingPath = filepath.Join(root, "staging")
	config.TestVolumeSize = 64 << 20
	config.TestVolumeExpandSize = 64 << 20 // a mounted ext4 does not grow without CAP_SYS_RESOURCE
	config.IdempotentCount = 2

	driver := exec.Command(binary, "--state-dir", state, "--endpoint", config.Address, "--node-id", "node-1",
		"--kubelet-root", filepath.Join(root, "kubelet"))
	driver.Stderr = os.Stderr
	if err := driver.Start(); err != nil {
		t.Fatal(err)
	}
	sanity.Test(t, config)
	if err := driver.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := driver.Wait(); err != nil {
		t.Errorf("the driver did not end well: %v", err)
	}
	run(t, binary, "--check", "--state-dir", state)
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if output, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v:\n%s", name, err, output)
	}
}
