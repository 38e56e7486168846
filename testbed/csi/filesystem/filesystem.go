// Package filesystem makes, mounts, grows and freezes filesystems.
package filesystem

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	Ext4 = "ext4"
	XFS  = "xfs"

	// SmallestXFS is what mkfs.xfs accepts.
	SmallestXFS = 300 << 20

	fifreeze = 0xC0045877
	fithaw   = 0xC0045878
)

// Known says whether volumes can have this filesystem.
func Known(fsType string) bool { return fsType == Ext4 || fsType == XFS }

// Make puts an empty filesystem on a device of this size that reads as zeros.
func Make(fsType, device string, bytes int64) error {
	switch fsType {
	case Ext4:
		return run("mkfs.ext4", append(ext4Options(bytes), device)...)
	case XFS:
		return run("mkfs.xfs", "-q", "-f", "-K", device)
	default:
		return fmt.Errorf("make a filesystem on %s: type %q is neither %s nor %s", device, fsType, Ext4, XFS)
	}
}

// ext4Options leave 94 % of a volume of 32 MiB and more to its files, which is what CDI's default overhead of 0.06
// counts on. The defaults of mkfs keep that promise from some gigabytes on; tests use small disks.
func ext4Options(bytes int64) []string {
	options := []string{"-q", "-F", "-m", "0", "-i", "65536"}
	const prezeroed = "nodiscard,assume_storage_prezeroed=1"
	if bytes >= 512<<20 {
		return append(options, "-b", "4096", "-J", "size=8", "-E", prezeroed)
	}
	const block, growth = 1024, 16 // room for the descriptors of a filesystem that is grown this many times
	reserved := fmt.Sprintf("%s,resize=%d", prezeroed, bytes/block*growth)
	return append(options, "-b", strconv.Itoa(block), "-J", "size=1", "-E", reserved)
}

// Probe names the filesystem on a device, "" when there is none.
func Probe(device string) (string, error) {
	output, err := exec.Command("blkid", "-p", "-o", "value", "-s", "TYPE", device).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("probe %s for a filesystem: %w", device, err)
	}
	return strings.TrimSpace(string(output)), nil
}

// Mount mounts the filesystem on device at path. A copy of an XFS volume has the UUID of its original, which may be
// mounted beside it.
func Mount(fsType, device, path string, options []string) error {
	if fsType == XFS {
		options = append(slices.Clone(options), "nouuid")
	}
	args := []string{"-t", fsType}
	if len(options) > 0 {
		args = append(args, "-o", strings.Join(options, ","))
	}
	return run("mount", append(args, device, path)...)
}

// Bind mounts source at target too.
func Bind(source, target string, readOnly bool) error {
	if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s to %s: %w", source, target, err)
	}
	if !readOnly {
		return nil
	}
	return MakeReadOnly(target)
}

// MakeReadOnly is the second step of a read-only bind mount, which the kernel does not make in one.
func MakeReadOnly(target string) error {
	if err := unix.Mount("", target, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		return fmt.Errorf("make %s read-only: %w", target, err)
	}
	return nil
}

// Unmount takes away everything mounted at path.
func Unmount(path string) error {
	for {
		_, mounted, err := At(path)
		if err != nil || !mounted {
			return err
		}
		if err := unix.Unmount(path, unix.UMOUNT_NOFOLLOW); err != nil {
			return fmt.Errorf("unmount %s: %w", path, err)
		}
	}
}

// ErrGrowsOffline is the answer of a kernel that grows ext4 under its users only for a holder of CAP_SYS_RESOURCE.
var ErrGrowsOffline = errors.New("growing a mounted ext4 needs CAP_SYS_RESOURCE, which this process lacks")

// GrowMounted makes a mounted filesystem as large as its device.
func GrowMounted(fsType, device, path string) error {
	if fsType == XFS {
		return run("xfs_growfs", "-d", path)
	}
	err := run("resize2fs", device)
	if err != nil && strings.Contains(err.Error(), "Permission denied to resize filesystem") {
		return fmt.Errorf("grow %s: %w", path, ErrGrowsOffline)
	}
	return err
}

// GrowUnmounted does it before the filesystem is mounted; only ext4 can.
func GrowUnmounted(device string) error {
	err := runToItsEnd("e2fsck", "-f", "-p", device)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // something was put right
	}
	if err != nil {
		return err
	}
	return runToItsEnd("resize2fs", device)
}

// WhileFrozen runs action while the filesystem at path is complete on its device and nobody can write to it.
func WhileFrozen(path string, action func() error) (err error) {
	if err := freezeControl(path, fifreeze); err != nil {
		return fmt.Errorf("freeze %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, Thaw(path)) }()
	return action()
}

// Thaw lets writers continue; it is no error when they were not held.
func Thaw(path string) error {
	if err := freezeControl(path, fithaw); err != nil && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("thaw %s: %w", path, err)
	}
	return nil
}

func freezeControl(path string, request uint) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	defer directory.Close()
	return unix.IoctlSetInt(int(directory.Fd()), request, 0)
}

// run starts a tool that dies with this process: the successor of a killed driver repeats the step, and two mkfs at
// once would ruin the volume. The signal is bound to the thread that forks, hence the lock.
func run(tool string, args ...string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command := exec.Command(tool, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return await(command)
}

// runToItsEnd starts a tool that outlives this process, because half its work would ruin the filesystem. The driver's
// lock, which it inherits, keeps a successor waiting.
func runToItsEnd(tool string, args ...string) error {
	command := exec.Command(tool, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return await(command)
}

func await(command *exec.Cmd) error {
	output, err := command.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s is not installed (Debian: e2fsprogs, xfsprogs, util-linux): %w", command.Args[0], err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
