package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
)

// shapes are the kinds of volume that users can ask for.
func shapes() map[string]func() *csi.VolumeCapability {
	return map[string]func() *csi.VolumeCapability{
		"ext4":  func() *csi.VolumeCapability { return mounted("") },
		"xfs":   func() *csi.VolumeCapability { return mounted("xfs") },
		"block": block,
	}
}

const ordinary = 320 * mib // XFS accepts nothing below 300 MiB

func TestVolumeKeepsItsContentFromPodToPod(t *testing.T) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			volume := newMachine(t).volume("pvc-1", shape(), ordinary).bringUp()
			content := bytes.Repeat([]byte("disk"), mib)
			volume.write(content, 0)
			must(t, volume.unpublish())
			must(t, volume.unstage())
			must(t, volume.stage())
			must(t, volume.publish())
			wantBytes(t, "the second pod's view", volume.read(0, len(content)), content)
			volume.takeDown()
		})
	}
}

func TestBlockVolumeIsFullOfOldData(t *testing.T) {
	volume := newMachine(t).volume("pvc-1", block(), 9*mib+1).bringUp()
	if size := volume.deviceSize(); size != 10*mib {
		t.Errorf("the device has %d bytes, expected the request rounded up to 10 MiB", size)
	}
	wantBytes(t, "the fresh device", volume.read(0, 10*mib), bytes.Repeat([]byte{stale}, 10*mib))
	volume.takeDown()
}

func TestFilesystemVolumeIsSparse(t *testing.T) {
	m := newMachine(t)
	volume := m.volume("pvc-1", mounted(""), 10<<30).bringUp()
	if used := blocksOf(t, filepath.Join(m.stateDir(), "volumes", volume.id+".img")); used > 64*mib {
		t.Errorf("an empty filesystem of 10 GiB takes %d bytes of disk", used)
	}
	volume.takeDown()
}

// CDI sizes claims so that a disk and an overhead of 6 % fit.
func TestFilesOfAFilesystemVolumeGetTheirShare(t *testing.T) {
	m := newMachine(t)
	for _, size := range []int64{32 * mib, 64 * mib, 107 * mib, 511 * mib, 512 * mib, 1 << 30, 10 << 30} {
		volume := m.volume(fmt.Sprintf("pvc-%d", size), mounted(""), size).bringUp()
		if free := freeBytes(t, volume.target()); free < size*94/100 {
			t.Errorf("files can have %d of %d bytes (%d %%)", free, size, free*100/size)
		}
		volume.takeDown()
	}
}

func TestOwnerAndModeOfFilesArePreserved(t *testing.T) {
	volume := newMachine(t).volume("pvc-1", mounted(""), 32*mib).bringUp()
	volume.write([]byte("x"), 0)
	must(t, os.Chown(volume.file(), 107, 107))
	must(t, os.Chmod(volume.file(), 0o660))
	must(t, os.Chown(volume.target(), 0, 107)) // fsGroup, as the kubelet applies it
	info, err := os.Stat(volume.file())
	must(t, err)
	if info.Mode().Perm() != 0o660 {
		t.Errorf("mode is %v", info.Mode())
	}
	volume.takeDown()
}

func TestCallsCanBeRepeated(t *testing.T) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			volume := newMachine(t).volume("pvc-1", shape(), ordinary)
			expand := func() error { return volume.expand(ordinary + 8*mib) }
			if !volume.growsOnline() {
				expand = func() error { return nil }
			}
			for _, call := range []func() error{
				volume.create, volume.stage, volume.publish, expand, volume.unpublish,
				volume.unstage, volume.remove,
			} {
				must(t, call())
				must(t, call())
			}
		})
	}
}

func TestSameNameWithOtherWishesIsRefused(t *testing.T) {
	m := newMachine(t)
	volume := m.volume("pvc-1", mounted(""), 32*mib)
	must(t, volume.create())
	for name, change := range map[string]func(*csi.CreateVolumeRequest){
		"larger":     func(r *csi.CreateVolumeRequest) { r.CapacityRange.RequiredBytes = 64 * mib },
		"smaller":    func(r *csi.CreateVolumeRequest) { r.CapacityRange = &csi.CapacityRange{LimitBytes: 16 * mib} },
		"mode":       func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities[0] = block() },
		"filesystem": func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities[0] = mounted("xfs") },
		"source":     func(r *csi.CreateVolumeRequest) { r.VolumeContentSource = volume.asSource() },
	} {
		request := volume.createRequest()
		change(request)
		_, err := m.CreateVolume(t.Context(), request)
		t.Log(name, err)
		wantCode(t, err, codes.AlreadyExists, "pvc-1 exists")
	}
	must(t, volume.remove())
}

func TestVolumeInUseIsNotDeleted(t *testing.T) {
	volume := newMachine(t).volume("pvc-1", block(), 4*mib).bringUp()
	wantCode(t, volume.remove(), codes.FailedPrecondition, "in use")
	wantCode(t, volume.unstage(), codes.FailedPrecondition, "still published")
	must(t, volume.unpublish())
	wantCode(t, volume.remove(), codes.FailedPrecondition, "in use")
	must(t, volume.unstage())
	must(t, volume.remove())
}

func TestVolumesGrowWhileInUse(t *testing.T) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			volume := newMachine(t).volume("pvc-1", shape(), ordinary).bringUp()
			volume.write([]byte("old end"), ordinary/2)
			if err := volume.expand(2 * ordinary); volume.growsOnline() {
				must(t, err)
			} else {
				wantCode(t, err, codes.FailedPrecondition, "grows when it is staged next")
				must(t, errors.Join(volume.unpublish(), volume.unstage(), volume.stage(), volume.publish()))
			}
			wantBytes(t, "old content", volume.read(ordinary/2, 7), []byte("old end"))
			if volume.capability.GetBlock() == nil {
				if size := volume.filesystemSize(); size < 2*ordinary*8/10 {
					t.Errorf("the filesystem has %d bytes after growth to %d", size, 2*ordinary)
				}
			} else {
				wantBytes(t, "what was added", volume.read(ordinary, ordinary), bytes.Repeat([]byte{stale}, ordinary))
			}
			volume.takeDown()
		})
	}
}

func TestVolumeGrownOfflineHasItsSizeAtTheNextPod(t *testing.T) {
	volume := newMachine(t).volume("pvc-1", mounted(""), 64*mib).bringUp()
	must(t, volume.unpublish())
	must(t, volume.unstage())
	_, err := volume.ControllerExpandVolume(t.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: volume.id, CapacityRange: &csi.CapacityRange{RequiredBytes: 256 * mib},
	})
	must(t, err)
	must(t, volume.stage())
	must(t, volume.publish())
	if size := volume.filesystemSize(); size < 200*mib {
		t.Errorf("the filesystem has %d bytes", size)
	}
	volume.takeDown()
}

func TestCapacityIsBounded(t *testing.T) {
	m := newMachine(t, "--capacity-bytes", "104857600")
	first := m.volume("pvc-1", mounted(""), 60*mib)
	second := m.volume("pvc-2", mounted(""), 60*mib)
	must(t, first.create())
	wantCode(t, second.create(), codes.ResourceExhausted, "are free")
	_, err := m.ControllerExpandVolume(t.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: first.id, CapacityRange: &csi.CapacityRange{RequiredBytes: 101 * mib},
	})
	wantCode(t, err, codes.ResourceExhausted, "are free")
	capacity, err := m.GetCapacity(t.Context(), &csi.GetCapacityRequest{})
	must(t, err)
	if capacity.GetAvailableCapacity() != 40*mib {
		t.Errorf("available: %d, expected 40 MiB", capacity.GetAvailableCapacity())
	}
	must(t, first.remove())
	must(t, second.create())
	must(t, second.remove())
}

func TestAccessModes(t *testing.T) {
	second := func(v *volume) (target string, err error) {
		request := v.publishRequest()
		request.TargetPath += "-second"
		_, err = v.NodePublishVolume(t.Context(), request)
		return request.TargetPath, err
	}
	t.Run("two pods share", func(t *testing.T) {
		for name, shape := range shapes() {
			t.Run(name, func(t *testing.T) {
				volume := newMachine(t).volume("pvc-1", shape(), ordinary)
				volume.capability.AccessMode = accessMode(csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER)
				volume.bringUp()
				target, err := second(volume)
				must(t, err)
				_, err = volume.NodeUnpublishVolume(t.Context(), &csi.NodeUnpublishVolumeRequest{
					VolumeId: volume.id, TargetPath: target,
				})
				must(t, err)
				volume.takeDown()
			})
		}
	})
	t.Run("ReadWriteOncePod admits one", func(t *testing.T) {
		volume := newMachine(t).volume("pvc-1", mounted(""), 32*mib)
		volume.capability.AccessMode = accessMode(csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER)
		volume.bringUp()
		_, err := second(volume)
		wantCode(t, err, codes.FailedPrecondition, "single writer")
		volume.takeDown()
	})
	t.Run("ReadOnlyMany cannot be written", func(t *testing.T) {
		volume := newMachine(t).volume("pvc-1", mounted(""), 32*mib)
		volume.capability.AccessMode = accessMode(csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY)
		volume.bringUp()
		if err := os.WriteFile(volume.file(), nil, 0o600); err == nil {
			t.Error("the volume could be written")
		}
		volume.takeDown()
	})
}

func TestMountOptionsReachTheFilesystem(t *testing.T) {
	volume := newMachine(t).volume("pvc-1", mounted(""), 32*mib)
	volume.capability.GetMount().MountFlags = []string{"noatime", "discard"}
	volume.bringUp()
	table, err := os.ReadFile("/proc/self/mountinfo")
	must(t, err)
	for line := range bytes.Lines(table) {
		if bytes.Contains(line, []byte(volume.stagingPath()+" ")) &&
			(!bytes.Contains(line, []byte("noatime")) || !bytes.Contains(line, []byte("discard"))) {
			t.Errorf("mounted with other options: %s", line)
		}
	}
	volume.takeDown()
}

func TestReleaseTakesAwayWhatADeadClusterLeft(t *testing.T) {
	m := newMachine(t)
	disk := m.volume("pvc-1", block(), 4*mib).bringUp()
	files := m.volume("pvc-2", mounted(""), 32*mib).bringUp()
	must(t, m.process.Process.Kill())
	must(t, m.command("--release").Run())
	m.succeed()
	must(t, disk.remove())
	must(t, files.remove())
}
