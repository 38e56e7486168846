// Package remains finds, and takes away, what the driver has left on the machine.
package remains

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"dvflow.io/testbed/csi/filesystem"
	"dvflow.io/testbed/csi/loop"
	"dvflow.io/testbed/csi/state"
)

// Remains is everything on this machine that exists because of one state directory.
type Remains struct {
	// Mounts are of the volumes' filesystems and device nodes, oldest first.
	Mounts []string
	// Holders are loop devices that the kubelet stacked on those of block volumes.
	Holders []loop.Bound
	Loops   []loop.Bound
	// Volumes and Snapshots that nobody has deleted.
	Volumes   []state.Volume
	Snapshots []state.Snapshot
	// Orphans are files without a record; the next start removes them.
	Orphans []string
}

// Find looks at the kernel's tables and the state directory; the driver need not run.
func Find(store *state.Store) (Remains, error) {
	var found Remains
	var err error
	if found.Loops, err = loopsOf(store.Dir()); err != nil {
		return Remains{}, err
	}
	for _, bound := range found.Loops {
		stacked, err := loop.StackedOn(bound.Device)
		if err != nil {
			return Remains{}, err
		}
		found.Holders = append(found.Holders, stacked...)
	}
	if found.Mounts, err = mountsOf(found.Loops); err != nil {
		return Remains{}, err
	}
	if found.Volumes, err = store.Volumes(); err != nil {
		return Remains{}, err
	}
	if found.Snapshots, err = store.Snapshots(); err != nil {
		return Remains{}, err
	}
	found.Orphans, err = store.Orphans()
	return found, err
}

func loopsOf(dir string) ([]loop.Bound, error) {
	real, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, os.ErrNotExist) {
		real = dir
	} else if err != nil {
		return nil, fmt.Errorf("state directory %s: %w", dir, err)
	}
	all, err := loop.All()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(bound loop.Bound) bool {
		return !strings.HasPrefix(bound.Backing, real+string(filepath.Separator))
	}), nil
}

func mountsOf(loops []loop.Bound) ([]string, error) {
	numbers := map[uint64]bool{}
	for _, bound := range loops {
		numbers[unix.Mkdev(loop.Major, uint32(bound.Device))] = true
	}
	table, err := filesystem.Table()
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, mount := range table {
		if numbers[mount.Device] || numbers[deviceNodeAt(mount)] {
			paths = append(paths, mount.Path)
		}
	}
	return paths, nil
}

// deviceNodeAt is the device whose node alone is mounted, 0 for other mounts.
func deviceNodeAt(mount filesystem.Entry) uint64 {
	if !strings.HasPrefix(filepath.Base(mount.Root), "loop") {
		return 0
	}
	var info unix.Stat_t
	if err := unix.Lstat(mount.Path, &info); err != nil || info.Mode&unix.S_IFMT != unix.S_IFBLK {
		return 0
	}
	return info.Rdev
}

// Lines describes each thing that is left, one a line.
func (r Remains) Lines() []string {
	var lines []string
	for _, path := range r.Mounts {
		lines = append(lines, "mount "+path)
	}
	for _, bound := range append(slices.Clone(r.Holders), r.Loops...) {
		lines = append(lines, fmt.Sprintf("loop %s of %s", bound.Device.Path(), bound.Backing))
	}
	for _, volume := range r.Volumes {
		lines = append(lines, fmt.Sprintf("volume %s (%s), %d bytes", volume.ID, volume.Name, volume.Bytes))
	}
	for _, snapshot := range r.Snapshots {
		lines = append(lines, fmt.Sprintf("snapshot %s (%s), %d bytes", snapshot.ID, snapshot.Name, snapshot.Bytes))
	}
	for _, orphan := range r.Orphans {
		lines = append(lines, "orphan "+orphan)
	}
	return lines
}

// Release unmounts and detaches all of it; the volumes' files stay.
func (r Remains) Release() error {
	var failures []error
	for _, path := range slices.Backward(r.Mounts) {
		if err := filesystem.Unmount(path); err != nil {
			failures = append(failures, err)
		}
	}
	for _, bound := range append(slices.Clone(r.Holders), r.Loops...) {
		if err := loop.Release(bound.Device); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}
