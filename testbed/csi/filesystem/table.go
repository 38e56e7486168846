package filesystem

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Entry is one line of the kernel's mount table.
type Entry struct {
	Path     string
	Device   uint64 // of the mounted filesystem
	Root     string // what part of the filesystem is mounted, "/" for all of it
	FSType   string
	ReadOnly bool // this mount, not the filesystem
}

// Table reads the mount table, oldest mount first.
func Table() ([]Entry, error) {
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("read the mount table: %w", err)
	}
	return parseTable(string(content))
}

func parseTable(content string) ([]Entry, error) {
	var mounts []Entry
	for line := range strings.Lines(content) {
		own, filesystem, found := strings.Cut(line, " - ")
		fields, source := strings.Fields(own), strings.Fields(filesystem)
		if !found || len(fields) < 6 || len(source) < 1 {
			return nil, fmt.Errorf("mount table line not understood: %q", line)
		}
		var major, minor uint32
		if _, err := fmt.Sscanf(fields[2], "%d:%d", &major, &minor); err != nil {
			return nil, fmt.Errorf("mount table line %q: device %q: %w", line, fields[2], err)
		}
		mounts = append(mounts, Entry{
			Path:     unescape(fields[4]),
			Device:   unix.Mkdev(major, minor),
			Root:     unescape(fields[3]),
			FSType:   source[0],
			ReadOnly: slices.Contains(strings.Split(fields[5], ","), "ro"),
		})
	}
	return mounts, nil
}

// unescape undoes the octal escapes (\040 for a space) of the mount table.
func unescape(field string) string {
	var plain strings.Builder
	for i := 0; i < len(field); i++ {
		if field[i] == '\\' && i+4 <= len(field) {
			if code, err := strconv.ParseUint(field[i+1:i+4], 8, 8); err == nil {
				plain.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		plain.WriteByte(field[i])
	}
	return plain.String()
}

// At returns the topmost mount at path.
func At(path string) (mount Entry, found bool, err error) {
	mounts, err := Table()
	if err != nil {
		return Entry{}, false, err
	}
	for _, candidate := range slices.Backward(mounts) {
		if candidate.Path == path {
			return candidate, true, nil
		}
	}
	return Entry{}, false, nil
}
