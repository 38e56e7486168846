package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// namedFiles is how many of too many files are named.
const namedFiles = 3

// disk is the one file that is served.
type disk struct {
	path string
	// content can be read by many requests at once.
	content io.ReaderAt
	size    int64
	etag    string
}

// openDisk finds the only file below a directory.
func openDisk(directory string) (*disk, error) {
	path, err := findDisk(directory)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("user %d may not read %s; build the image with 'COPY --chown=107:107 ... /disk/'",
			os.Getuid(), path)
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &disk{path: path, content: file, size: info.Size(), etag: identity(path, info)}, nil
}

func findDisk(directory string) (string, error) {
	var files []string
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("it has no directory %s; build it with 'COPY disk.img /disk/'", directory)
	case err != nil:
		return "", fmt.Errorf("cannot look for the disk: %w", err)
	case len(files) == 0:
		return "", fmt.Errorf("Failed to find VM disk image file in the container image: no file below %s", directory)
	case len(files) > 1:
		return "", fmt.Errorf("expected exactly one file below %s, found %d: %s",
			directory, len(files), strings.Join(files[:min(len(files), namedFiles)], ", "))
	}
	return files[0], nil
}

func (d *disk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	if d.etag != "" {
		w.Header().Set("ETag", d.etag)
	}
	// A time in an image is what its builder says, the same for every build as often as not: no validator.
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(d.content, 0, d.size))
}
