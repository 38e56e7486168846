package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"

	"dvflow.io/testbed/csi/backing"
)

func TestCopiesOfAVolumeInUse(t *testing.T) {
	sources := map[string]func(*volume) (*csi.VolumeContentSource, error){
		"clone":    func(v *volume) (*csi.VolumeContentSource, error) { return v.asSource(), nil },
		"snapshot": func(v *volume) (*csi.VolumeContentSource, error) { return v.snapshot("snap-1") },
	}
	for kind, take := range sources {
		for name, shape := range shapes() {
			t.Run(kind+" "+name, func(t *testing.T) {
				original := newMachine(t).volume("pvc-1", shape(), ordinary).bringUp()
				content := noise(3 * mib)
				original.write(content, 5*mib)
				source, err := take(original)
				must(t, err)
				copied := original.copyOf("pvc-2", source, 2*ordinary).bringUp()
				original.write(bytes.Repeat([]byte{1}, mib), 5*mib)
				wantBytes(t, "the copy", copied.read(5*mib, len(content)), content)
				if copied.capability.GetBlock() != nil {
					rest := copied.read(8*mib, 2*ordinary-8*mib)
					wantBytes(t, "unwritten part and tail", rest, bytes.Repeat([]byte{stale}, len(rest)))
				} else if size := copied.filesystemSize(); size < 2*ordinary*8/10 {
					t.Errorf("the filesystem of the larger copy has %d bytes", size)
				}
				copied.takeDown()
				original.takeDown()
				if source.GetSnapshot() != nil {
					original.removeSnapshot(source)
				}
			})
		}
	}
}

func TestCopyCannotBeSmallerThanItsSource(t *testing.T) {
	original := newMachine(t).volume("pvc-1", block(), 8*mib)
	must(t, original.create())
	small := original.copyOf("pvc-2", original.asSource(), 4*mib)
	wantCode(t, small.create(), codes.OutOfRange, "its source has")
	must(t, original.remove())
}

func TestSourceThatIsNotThere(t *testing.T) {
	m := newMachine(t)
	gone := m.volume("pvc-0", block(), 4*mib)
	must(t, gone.create())
	must(t, gone.remove())
	wantCode(t, gone.copyOf("pvc-1", gone.asSource(), 0).create(), codes.NotFound, "there is no volume")
	_, err := gone.snapshot("snap-1")
	wantCode(t, err, codes.NotFound, "there is no volume")
}

func TestCopyOfABlockVolumeAsFilesystem(t *testing.T) {
	original := newMachine(t).volume("pvc-1", block(), 32*mib).bringUp()
	empty := original.machine.volume("pvc-2", mounted(""), 0)
	empty.source = original.asSource()
	must(t, empty.create())
	wantCode(t, empty.stage(), codes.FailedPrecondition, "holds no filesystem")
	must(t, empty.unstage())
	must(t, empty.remove())

	if output, err := exec.Command("mkfs.ext4", "-q", "-F", original.target()).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	formatted := original.machine.volume("pvc-3", mounted(""), 64*mib)
	formatted.source = original.asSource()
	formatted.bringUp().takeDown()
	original.takeDown()
}

func TestSnapshotsAreListed(t *testing.T) {
	m := newMachine(t)
	first, second := m.volume("pvc-1", block(), mib), m.volume("pvc-2", block(), mib)
	must(t, first.create())
	must(t, second.create())
	var taken []*csi.VolumeContentSource
	for _, name := range []string{"snap-1", "snap-2", "snap-3"} {
		source, err := first.snapshot(name)
		must(t, err)
		taken = append(taken, source)
	}
	_, err := m.CreateSnapshot(t.Context(), &csi.CreateSnapshotRequest{Name: "snap-1", SourceVolumeId: second.id})
	wantCode(t, err, codes.AlreadyExists, "snap-1 exists")
	page, err := m.ListSnapshots(t.Context(), &csi.ListSnapshotsRequest{SourceVolumeId: first.id, MaxEntries: 2})
	must(t, err)
	rest, err := m.ListSnapshots(t.Context(), &csi.ListSnapshotsRequest{
		SourceVolumeId: first.id, StartingToken: page.GetNextToken(),
	})
	must(t, err)
	if len(page.GetEntries()) != 2 || len(rest.GetEntries()) != 1 || rest.GetNextToken() != "" {
		t.Errorf("pages of %d and %d entries, expected 2 and 1", len(page.GetEntries()), len(rest.GetEntries()))
	}
	for _, source := range taken {
		m.removeSnapshot(source)
		m.removeSnapshot(source)
	}
	must(t, first.remove())
	must(t, second.remove())
}

// On ext4 copies keep their holes; where the filesystem can share extents a copy takes no space at all.
func TestBackingFilesAreCopiedCheaply(t *testing.T) {
	t.Run("holes kept", func(t *testing.T) {
		copyAndCompare(t, t.TempDir(), 8*mib)
	})
	for _, kind := range []string{"xfs", "btrfs"} {
		t.Run("reflink on "+kind, func(t *testing.T) {
			dir := scratchFilesystem(t, kind)
			before := freeBytes(t, dir)
			copyAndCompare(t, dir, 128*mib)
			flush(t, dir)
			if used := before - freeBytes(t, dir); used > 200*mib {
				t.Errorf("128 MiB and a copy of them take %d bytes", used)
			}
		})
	}
}

func copyAndCompare(t *testing.T, dir string, dataBytes int) {
	source, target := filepath.Join(dir, "source"), filepath.Join(dir, "target")
	content := noise(dataBytes)
	must(t, backing.Create(source, func(file *os.File) error {
		_, err := file.WriteAt(content, 100*mib)
		must(t, err)
		return backing.Resize(file, 300*mib)
	}))
	must(t, backing.Create(target, func(file *os.File) error { return backing.Copy(file, source) }))
	if output, err := exec.Command("cmp", source, target).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if used := blocksOf(t, target); used > int64(dataBytes)+mib {
		t.Errorf("the copy of %d bytes of data takes %d", dataBytes, used)
	}
}

func scratchFilesystem(t *testing.T, kind string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounts need root")
	}
	if _, err := exec.LookPath("mkfs." + kind); err != nil {
		t.Skipf("mkfs.%s is not installed", kind)
	}
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	for _, command := range [][]string{
		{"truncate", "-s", "512M", image}, {"mkfs." + kind, "-q", image}, {"mount", "-o", "loop", image, dir},
	} {
		if output, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", command, err, output)
		}
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, 0)) })
	return dir
}

func TestFailedCreationLeavesNothing(t *testing.T) {
	m := newMachine(t)
	for _, size := range []int64{1 << 43, 1 << 50} { // more than there is, more than a file can have
		err := m.volume("pvc-1", block(), size).create()
		wantCode(t, err, codes.ResourceExhausted, "create volume pvc-1")
	}
}

func noise(length int) []byte {
	content := make([]byte, length)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	return content
}

func blocksOf(t *testing.T, file string) int64 {
	t.Helper()
	var info unix.Stat_t
	must(t, unix.Stat(file, &info))
	return info.Blocks * 512
}

// flush makes the filesystem at dir allocate what it has put off.
func flush(t *testing.T, dir string) {
	t.Helper()
	directory, err := os.Open(dir)
	must(t, err)
	defer directory.Close()
	must(t, unix.Syncfs(int(directory.Fd())))
}

func freeBytes(t *testing.T, dir string) int64 {
	t.Helper()
	var disk unix.Statfs_t
	must(t, unix.Statfs(dir, &disk))
	return int64(disk.Bavail) * disk.Bsize
}
