package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/faults"
)

const (
	asDriver = "DVFLOW_CSI_TEST_RUNS_MAIN"
	nodeName = "node-1"
	mib      = 1 << 20
	stale    = 0xAA
)

// TestMain turns the test's own binary into the driver when the harness asks for it.
func TestMain(m *testing.M) {
	if os.Getenv(asDriver) != "" {
		main()
	}
	os.Exit(m.Run())
}

// machine is a node with the driver as a process of its own, which tests may kill.
type machine struct {
	t       *testing.T
	root    string
	process *exec.Cmd
	log     *bytes.Buffer
	conn    *grpc.ClientConn
	csi.IdentityClient
	csi.ControllerClient
	csi.NodeClient
}

// newMachine starts a driver; at the end of the test nothing of it may be left on the machine.
func newMachine(t *testing.T, flags ...string) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("loop devices and mounts need root")
	}
	root, err := os.MkdirTemp("", "csi") // t.TempDir's paths are too long for a socket
	must(t, err)
	m := &machine{t: t, root: root, log: &bytes.Buffer{}}
	conn, err := grpc.NewClient("unix://"+m.socket(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 5 * time.Millisecond, Multiplier: 1.5, MaxDelay: 50 * time.Millisecond},
		}),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	must(t, err)
	m.conn = conn
	m.IdentityClient = csi.NewIdentityClient(conn)
	m.ControllerClient = csi.NewControllerClient(conn)
	m.NodeClient = csi.NewNodeClient(conn)
	t.Cleanup(m.tearDown)
	m.start(flags...)
	return m
}

func (m *machine) socket() string   { return filepath.Join(m.root, "kubelet/plugins/csi/csi.sock") }
func (m *machine) stateDir() string { return filepath.Join(m.root, "csi") }

func (m *machine) command(flags ...string) *exec.Cmd {
	command := exec.Command("/proc/self/exe", append([]string{"--state-dir", m.stateDir()}, flags...)...)
	command.Env = append(os.Environ(), asDriver+"=1")
	return command
}

func (m *machine) start(flags ...string) {
	m.t.Helper()
	m.process = m.command(append([]string{
		"-v", "--endpoint", "unix://" + m.socket(), "--node-id", nodeName,
		"--kubelet-root", filepath.Join(m.root, "kubelet"),
		"--registration-dir", filepath.Join(m.root, "kubelet/plugins_registry"),
	}, flags...)...)
	m.process.Stdout, m.process.Stderr = m.log, m.log
	must(m.t, m.process.Start())
	m.awaitAnswer()
}

// awaitAnswer returns when the driver answers; the connection may first have to learn that its predecessor is dead.
func (m *machine) awaitAnswer() {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		_, err := m.Probe(ctx, &csi.ProbeRequest{})
		if err == nil {
			return
		}
		if status.Code(err) != codes.Unavailable {
			m.t.Fatalf("the driver does not answer: %v", err)
		}
	}
}

// kill takes the driver away without a chance to clean up, and starts its successor.
func (m *machine) kill() {
	m.t.Helper()
	must(m.t, m.process.Process.Kill())
	m.succeed()
}

// succeed waits for the end of the driver and starts the next one.
func (m *machine) succeed() {
	m.t.Helper()
	_ = m.process.Wait() // killed: that is what the exit status says
	m.start()
}

func (m *machine) tearDown() {
	m.conn.Close()
	must(m.t, m.process.Process.Signal(unix.SIGTERM))
	if err := m.process.Wait(); err != nil {
		m.t.Errorf("the driver did not end well: %v", err)
	}
	left, err := m.command("--check").CombinedOutput()
	if err != nil || len(left) > 0 {
		m.t.Errorf("left behind (%v):\n%s", err, left)
	}
	must(m.t, m.command("--release").Run())
	if m.t.Failed() {
		m.t.Logf("log of the driver:\n%s", m.log)
	}
	must(m.t, os.RemoveAll(m.root))
}

// setFaults replaces the rules of the running driver.
func (m *machine) setFaults(rules map[string]faults.Rule) {
	m.t.Helper()
	content, err := json.Marshal(rules)
	must(m.t, err)
	file := filepath.Join(m.stateDir(), "faults.json")
	must(m.t, os.WriteFile(file+".new", content, 0o600))
	must(m.t, os.Rename(file+".new", file))
}

// volume is a claim on its way from creation to a pod and back. between runs before every call.
type volume struct {
	*machine
	id         string
	size       int64
	name       string
	parameters map[string]string
	source     *csi.VolumeContentSource
	capability *csi.VolumeCapability
	between    func(call string)
}

func block() *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}},
		AccessMode: accessMode(csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER),
	}
}

func mounted(fsType string) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{FsType: fsType}},
		AccessMode: accessMode(csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER),
	}
}

func accessMode(mode csi.VolumeCapability_AccessMode_Mode) *csi.VolumeCapability_AccessMode {
	return &csi.VolumeCapability_AccessMode{Mode: mode}
}

func (m *machine) volume(name string, capability *csi.VolumeCapability, size int64) *volume {
	return &volume{
		machine: m, name: name, size: size, capability: capability,
		parameters: map[string]string{"stalePattern": "0xAA"}, between: func(string) {},
	}
}

// copyOf is a volume whose content comes from another one or from a snapshot.
func (v *volume) copyOf(name string, source *csi.VolumeContentSource, size int64) *volume {
	made := v.machine.volume(name, v.capability, size)
	made.source = source
	return made
}

func (v *volume) stagingPath() string { return filepath.Join(v.root, "staging", v.name) }
func (v *volume) target() string      { return filepath.Join(v.root, "pods", v.name) }

func (v *volume) createRequest() *csi.CreateVolumeRequest {
	return &csi.CreateVolumeRequest{
		Name: v.name, VolumeCapabilities: []*csi.VolumeCapability{v.capability}, Parameters: v.parameters,
		CapacityRange: &csi.CapacityRange{RequiredBytes: v.size}, VolumeContentSource: v.source,
		AccessibilityRequirements: &csi.TopologyRequirement{Requisite: []*csi.Topology{
			{Segments: map[string]string{"topology.testbed.dvflow.io/node": nodeName}},
		}},
	}
}

func (v *volume) create() error {
	v.between("CreateVolume")
	response, err := v.CreateVolume(v.t.Context(), v.createRequest())
	if err == nil {
		v.id = response.GetVolume().GetVolumeId()
	}
	return err
}

func (v *volume) stage() error {
	v.between("NodeStageVolume")
	must(v.t, os.MkdirAll(v.stagingPath(), 0o700)) // as the kubelet does
	_, err := v.NodeStageVolume(v.t.Context(), &csi.NodeStageVolumeRequest{
		VolumeId: v.id, StagingTargetPath: v.stagingPath(), VolumeCapability: v.capability,
	})
	return err
}

func (v *volume) publishRequest() *csi.NodePublishVolumeRequest {
	return &csi.NodePublishVolumeRequest{
		VolumeId: v.id, StagingTargetPath: v.stagingPath(), TargetPath: v.target(), VolumeCapability: v.capability,
	}
}

func (v *volume) publish() error {
	v.between("NodePublishVolume")
	must(v.t, os.MkdirAll(filepath.Dir(v.target()), 0o700))
	_, err := v.NodePublishVolume(v.t.Context(), v.publishRequest())
	return err
}

func (v *volume) unpublish() error {
	v.between("NodeUnpublishVolume")
	_, err := v.NodeUnpublishVolume(v.t.Context(), &csi.NodeUnpublishVolumeRequest{
		VolumeId: v.id, TargetPath: v.target(),
	})
	return err
}

func (v *volume) unstage() error {
	v.between("NodeUnstageVolume")
	_, err := v.NodeUnstageVolume(v.t.Context(), &csi.NodeUnstageVolumeRequest{
		VolumeId: v.id, StagingTargetPath: v.stagingPath(),
	})
	return err
}

func (v *volume) remove() error {
	v.between("DeleteVolume")
	_, err := v.DeleteVolume(v.t.Context(), &csi.DeleteVolumeRequest{VolumeId: v.id})
	return err
}

func (v *volume) expand(size int64) error {
	v.between("ControllerExpandVolume")
	capacity := &csi.CapacityRange{RequiredBytes: size}
	_, err := v.ControllerExpandVolume(v.t.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: v.id, CapacityRange: capacity,
	})
	if err != nil {
		return err
	}
	v.between("NodeExpandVolume")
	_, err = v.NodeExpandVolume(v.t.Context(), &csi.NodeExpandVolumeRequest{
		VolumeId: v.id, VolumePath: v.target(), CapacityRange: capacity,
	})
	return err
}

// snapshot takes one of the volume and returns it as a content source.
func (v *volume) snapshot(name string) (*csi.VolumeContentSource, error) {
	v.between("CreateSnapshot")
	response, err := v.CreateSnapshot(v.t.Context(), &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: v.id})
	return &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
		Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: response.GetSnapshot().GetSnapshotId()},
	}}, err
}

func (m *machine) removeSnapshot(source *csi.VolumeContentSource) {
	m.t.Helper()
	_, err := m.DeleteSnapshot(m.t.Context(), &csi.DeleteSnapshotRequest{
		SnapshotId: source.GetSnapshot().GetSnapshotId(),
	})
	must(m.t, err)
}

func (v *volume) asSource() *csi.VolumeContentSource {
	return &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{
		Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: v.id},
	}}
}

// bringUp takes the volume from nothing to a pod.
func (v *volume) bringUp() *volume {
	v.t.Helper()
	must(v.t, errors.Join(v.create(), v.stage(), v.publish()))
	return v
}

// takeDown is the way back.
func (v *volume) takeDown() {
	v.t.Helper()
	must(v.t, errors.Join(v.unpublish(), v.unstage(), v.remove()))
}

// file is where a pod would write: the device, or a file in the filesystem.
func (v *volume) file() string {
	if v.capability.GetBlock() != nil {
		return v.target()
	}
	return filepath.Join(v.target(), "disk.img")
}

// write puts content at an offset and returns when it is durable, as an import does.
func (v *volume) write(content []byte, offset int64) {
	v.t.Helper()
	file, err := os.OpenFile(v.file(), os.O_WRONLY|os.O_CREATE, 0o600)
	must(v.t, err)
	_, err = file.WriteAt(content, offset)
	must(v.t, errors.Join(err, file.Sync(), file.Close()))
}

func (v *volume) read(offset int64, length int) []byte {
	v.t.Helper()
	file, err := os.Open(v.file())
	must(v.t, err)
	defer file.Close()
	content, err := io.ReadAll(io.NewSectionReader(file, offset, int64(length)))
	must(v.t, err)
	return content
}

func (v *volume) deviceSize() int64 {
	v.t.Helper()
	file, err := os.Open(v.target())
	must(v.t, err)
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	must(v.t, err)
	return size
}

func (v *volume) filesystemSize() int64 {
	v.t.Helper()
	var stats unix.Statfs_t
	must(v.t, unix.Statfs(v.target(), &stats))
	return int64(stats.Blocks) * stats.Bsize
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code codes.Code, fragment string) {
	t.Helper()
	if status.Code(err) != code || !strings.Contains(fmt.Sprint(err), fragment) {
		t.Fatalf("got %v; expected %v with %q in its message", err, code, fragment)
	}
}

func wantBytes(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d bytes, expected %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: byte %d is %#x, expected %#x", what, i, got[i], want[i])
		}
	}
}

// growsOnline says whether a mounted filesystem of this volume can grow on this machine.
func (v *volume) growsOnline() bool {
	if v.capability.GetMount() == nil || v.capability.GetMount().GetFsType() == "xfs" {
		return true
	}
	var sets [2]unix.CapUserData
	must(v.t, unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &sets[0]))
	return sets[0].Effective&(1<<unix.CAP_SYS_RESOURCE) != 0
}
