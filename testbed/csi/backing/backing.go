// Package backing makes the files that volumes and snapshots consist of. Every file appears under its final name only
// when it is complete.
package backing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Unfinished is the suffix of a file that a killed process may leave behind; nothing refers to it.
const Unfinished = ".new"

const (
	chunk = 4 << 20
)

// Create makes file with what fill writes into it; when that fails nothing is left.
func Create(file string, fill func(unfinished *os.File) error) error {
	unfinished, err := os.OpenFile(file+Unfinished, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create backing file: %w", err)
	}
	err = fill(unfinished)
	if closed := unfinished.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(unfinished.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(unfinished.Name()))
	}
	return nil
}

// Resize gives file exactly this many bytes; bytes it gains are a hole.
func Resize(file *os.File, size int64) error {
	if err := file.Truncate(size); err != nil {
		return fmt.Errorf("resize %s to %d bytes: %w", file.Name(), size, err)
	}
	return nil
}

// Stain writes the pattern over [from, to), as a disk looks that somebody used before. The bounds are multiples of
// 4 KiB. It bypasses the page cache where it can: the volume's first flush would otherwise pay for writing all of it
// back.
func Stain(file *os.File, from, to int64, pattern byte) error {
	if from >= to {
		return nil
	}
	if err := reserve(file, from, to); err != nil {
		return fmt.Errorf("reserve %d bytes in %s: %w", to-from, file.Name(), err)
	}
	direct, err := os.OpenFile(file.Name(), os.O_WRONLY|unix.O_DIRECT, 0)
	if err != nil {
		return write(file, from, to, pattern) // a filesystem without direct I/O
	}
	defer direct.Close()
	return write(direct, from, to, pattern)
}

// reserve asks first, because the kernel takes all the space there is before it finds that it is not enough.
func reserve(file *os.File, from, to int64) error {
	var disk unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &disk); err != nil {
		return err
	}
	if to-from > int64(disk.Bavail)*disk.Bsize {
		return unix.ENOSPC
	}
	err := unix.Fallocate(int(file.Fd()), 0, from, to-from)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil
	}
	return err
}

func write(file *os.File, from, to int64, pattern byte) error {
	// Anonymous memory is page aligned, which direct I/O asks for.
	buffer, err := unix.Mmap(-1, 0, chunk, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("get memory to fill %s: %w", file.Name(), err)
	}
	defer unix.Munmap(buffer)
	copy(buffer, bytes.Repeat([]byte{pattern}, chunk))
	for at := from; at < to; {
		n, err := file.WriteAt(buffer[:min(chunk, to-at)], at)
		if err != nil {
			return fmt.Errorf("fill %s at %d: %w", file.Name(), at, err)
		}
		at += int64(n)
	}
	return nil
}

// Copy makes target hold the bytes of source: shared extents where the filesystem has reflinks, otherwise a copy of the
// data with the holes kept.
func Copy(target *os.File, source string) error {
	from, err := os.Open(source)
	if err != nil {
		return fmt.Errorf("open copy source: %w", err)
	}
	defer from.Close()
	err = unix.IoctlFileClone(int(target.Fd()), int(from.Fd()))
	if err == nil {
		return nil
	}
	if !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EXDEV) && !errors.Is(err, unix.EINVAL) &&
		!errors.Is(err, unix.ENOTTY) {
		return fmt.Errorf("reflink %s to %s: %w", source, target.Name(), err)
	}
	return copySparse(target, from)
}

func copySparse(target, source *os.File) error {
	info, err := source.Stat()
	if err != nil {
		return fmt.Errorf("copy %s: %w", source.Name(), err)
	}
	if err := Resize(target, info.Size()); err != nil {
		return err
	}
	for at := int64(0); at < info.Size(); {
		start, end, err := nextData(source, at)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find data in %s after %d: %w", source.Name(), at, err)
		}
		if err := copyRange(target, source, start, end); err != nil {
			return err
		}
		at = end
	}
	return nil
}

func nextData(file *os.File, at int64) (start, end int64, err error) {
	start, err = unix.Seek(int(file.Fd()), at, unix.SEEK_DATA)
	if errors.Is(err, unix.ENXIO) {
		return 0, 0, io.EOF
	}
	if err != nil {
		return 0, 0, err
	}
	end, err = unix.Seek(int(file.Fd()), start, unix.SEEK_HOLE)
	return start, end, err
}

func copyRange(target, source *os.File, start, end int64) error {
	reader := io.NewSectionReader(source, start, end-start)
	writer := io.NewOffsetWriter(target, start)
	copied, err := io.CopyBuffer(onlyWriter{writer}, reader, make([]byte, chunk))
	if err != nil {
		return fmt.Errorf("copy %s to %s at %d: %w", source.Name(), target.Name(), start+copied, err)
	}
	if copied != end-start {
		return fmt.Errorf("copy %s: it shrank to %d bytes while it was read", source.Name(), start+copied)
	}
	return nil
}

// onlyWriter hides ReadFrom, so that CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

// Empty turns everything in file into a hole and keeps its size.
func Empty(file string) error {
	opened, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open %s to empty it: %w", file, err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return fmt.Errorf("empty %s: %w", file, err)
	}
	const punch = unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_KEEP_SIZE
	if err := unix.Fallocate(int(opened.Fd()), punch, 0, info.Size()); err != nil {
		return fmt.Errorf("punch a hole over all of %s: %w", file, err)
	}
	return nil
}
