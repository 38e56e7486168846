// Package loop binds backing files to loop devices and finds them again by the file, never by a remembered number: the
// process may be killed between any two steps, and another copy of the testbed takes numbers from the same pool.
package loop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// Major is the block major number of every loop device.
	Major = 7

	bindAttempts = 64
	// A container that starts meanwhile holds a copy of every mount until it has a root of its own.
	releaseWindow = 30 * time.Second
	releasePoll   = 10 * time.Millisecond
)

// Device is the number N of a bound /dev/loopN.
type Device int

// Path is the device node.
func (d Device) Path() string { return fmt.Sprintf("/dev/loop%d", int(d)) }

// Bound is a loop device as sysfs shows it. Backing ends in " (deleted)" when its file has no name any more.
type Bound struct {
	Device  Device
	Backing string
}

// All lists every bound loop device of the machine.
func All() ([]Bound, error) {
	entries, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		return nil, fmt.Errorf("list loop devices: %w", err)
	}
	var bound []Bound
	for _, entry := range entries {
		number, err := strconv.Atoi(strings.TrimPrefix(strings.Split(entry, "/")[3], "loop"))
		if err != nil {
			continue // loop-control and the like
		}
		backing, err := os.ReadFile(entry)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
			continue // unbound between the listing and the read
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", entry, err)
		}
		bound = append(bound, Bound{Device(number), strings.TrimSuffix(string(backing), "\n")})
	}
	return bound, nil
}

// Find lists the devices bound to file. The name only narrows the search; device and inode decide.
func Find(file string) ([]Device, error) {
	var want unix.Stat_t
	if err := unix.Stat(file, &want); errors.Is(err, unix.ENOENT) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("stat backing file %s: %w", file, err)
	}
	all, err := All()
	if err != nil {
		return nil, err
	}
	var found []Device
	for _, bound := range all {
		if filepath.Base(bound.Backing) != filepath.Base(file) {
			continue
		}
		info, err := status(bound.Device)
		if errors.Is(err, unix.ENXIO) {
			continue // unbound meanwhile
		}
		if err != nil {
			return nil, err
		}
		if info.Inode == want.Ino && info.Device == want.Dev {
			found = append(found, bound.Device)
		}
	}
	return found, nil
}

// StackedOn lists loop devices whose backing "file" is the given loop device itself: the kubelet makes one for each
// block volume in use, to hold a reference.
func StackedOn(device Device) ([]Bound, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	var stacked []Bound
	for _, bound := range all {
		info, err := status(bound.Device)
		if errors.Is(err, unix.ENXIO) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Rdevice == unix.Mkdev(Major, uint32(device)) {
			stacked = append(stacked, bound)
		}
	}
	return stacked, nil
}

// Attach binds file to a loop device, or returns the one it is bound to already.
func Attach(file string) (Device, error) {
	found, err := Find(file)
	if err != nil {
		return 0, err
	}
	for _, device := range found {
		if kept, err := keep(device); err != nil || kept {
			return device, err
		}
	}
	return bind(file)
}

// keep cancels a release that is waiting for the last user of the device; without that the device would vanish under
// the volume that is being attached.
func keep(device Device) (bool, error) {
	node, err := open(device)
	if err != nil {
		return false, err
	}
	defer node.Close()
	info, err := unix.IoctlLoopGetStatus64(int(node.Fd()))
	if errors.Is(err, unix.ENXIO) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("status of %s: %w", device.Path(), err)
	}
	if info.Flags&unix.LO_FLAGS_AUTOCLEAR == 0 {
		return true, nil
	}
	info.Flags &^= unix.LO_FLAGS_AUTOCLEAR
	if err := unix.IoctlLoopSetStatus64(int(node.Fd()), info); err != nil {
		return false, fmt.Errorf("keep %s, whose release was pending: %w", device.Path(), err)
	}
	return true, nil
}

func bind(file string) (Device, error) {
	backing, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("open backing file: %w", err)
	}
	defer backing.Close()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("open the loop control device (is the loop module loaded?): %w", err)
	}
	defer control.Close()
	for range bindAttempts {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return 0, fmt.Errorf("find a free loop device for %s: %w", file, err)
		}
		err = configure(Device(number), backing)
		if errors.Is(err, unix.EBUSY) {
			continue // somebody else took this number first
		}
		return Device(number), err
	}
	return 0, fmt.Errorf("bind %s: %d free loop devices in turn were taken by others first", file, bindAttempts)
}

func configure(device Device, backing *os.File) error {
	node, err := open(device)
	if err != nil {
		return err
	}
	defer node.Close()
	// 512-byte sectors everywhere: left to itself the kernel takes the alignment of the filesystem below, and disks
	// would change their sector size with the directory they lie in.
	config := unix.LoopConfig{Fd: uint32(backing.Fd()), Size: 512}
	config.Info.Flags = unix.LO_FLAGS_DIRECT_IO
	err = unix.IoctlLoopConfigure(int(node.Fd()), &config)
	if errors.Is(err, unix.EINVAL) {
		config.Info.Flags = 0
		err = unix.IoctlLoopConfigure(int(node.Fd()), &config)
	}
	if err != nil {
		return fmt.Errorf("bind %s to %s: %w", backing.Name(), device.Path(), err)
	}
	return nil
}

// Detach releases every loop device of file and returns when they are gone. It fails when somebody still uses one.
func Detach(file string) error {
	found, err := Find(file)
	if err != nil {
		return err
	}
	for _, device := range found {
		if err := Release(device); err != nil {
			return fmt.Errorf("detach %s: %w", file, err)
		}
	}
	return nil
}

// Release unbinds one device. The kernel defers that while anyone has it open (a probe, a mount), so Release waits.
func Release(device Device) error {
	node, err := open(device)
	if err != nil {
		return err
	}
	err = unix.IoctlSetInt(int(node.Fd()), unix.LOOP_CLR_FD, 0)
	node.Close()
	if errors.Is(err, unix.ENXIO) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release %s: %w", device.Path(), err)
	}
	for deadline := time.Now().Add(releaseWindow); time.Now().Before(deadline); time.Sleep(releasePoll) {
		if _, err := os.Stat(fmt.Sprintf("/sys/block/loop%d/loop/backing_file", int(device))); err != nil {
			return nil
		}
	}
	return fmt.Errorf("release %s: still open or mounted by someone after %s", device.Path(), releaseWindow)
}

// RefreshSize makes the device as large as its backing file now is.
func RefreshSize(device Device) error {
	node, err := open(device)
	if err != nil {
		return err
	}
	defer node.Close()
	if err := unix.IoctlSetInt(int(node.Fd()), unix.LOOP_SET_CAPACITY, 0); err != nil {
		return fmt.Errorf("grow %s to its backing file: %w", device.Path(), err)
	}
	return nil
}

// Flush writes what the page cache holds for the device to its backing file.
func Flush(device Device) error {
	node, err := open(device)
	if err != nil {
		return err
	}
	defer node.Close()
	if err := node.Sync(); err != nil {
		return fmt.Errorf("flush %s: %w", device.Path(), err)
	}
	return nil
}

func status(device Device) (*unix.LoopInfo64, error) {
	node, err := open(device)
	if err != nil {
		return nil, err
	}
	defer node.Close()
	info, err := unix.IoctlLoopGetStatus64(int(node.Fd()))
	if err != nil {
		return nil, fmt.Errorf("status of %s: %w", device.Path(), err)
	}
	return info, nil
}

// open makes the device node where /dev has no devtmpfs behind it.
func open(device Device) (*os.File, error) {
	node, err := os.OpenFile(device.Path(), os.O_RDWR, 0)
	if !errors.Is(err, os.ErrNotExist) {
		return node, err
	}
	number := int(unix.Mkdev(Major, uint32(device)))
	if err := unix.Mknod(device.Path(), unix.S_IFBLK|0o660, number); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, fmt.Errorf("make device node %s: %w", device.Path(), err)
	}
	return os.OpenFile(device.Path(), os.O_RDWR, 0)
}
