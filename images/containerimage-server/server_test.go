package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestServesTheOnlyFileByRanges(t *testing.T) {
	disks, shared := t.TempDir(), t.TempDir()
	write(t, filepath.Join(disks, "of", "my system.qcow2"), "0123456789")
	t.Setenv("INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE", "fedora")

	if err := offerDisk(disks, shared, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}

	said := read(t, shared)
	if said.Error != "" || !strings.HasSuffix(said.File, "of/my system.qcow2") {
		t.Fatalf("offered %+v", said)
	}
	if len(said.Environment) != 1 || said.Environment[0] != "INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=fedora" {
		t.Errorf("expected the one variable about the disk, found %v", said.Environment)
	}
	request, _ := http.NewRequest(http.MethodGet, said.URL, nil)
	request.Header.Set("Range", "bytes=3-5")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusPartialContent || string(body) != "345" {
		t.Errorf("expected bytes 3-5, found %d %q", answer.StatusCode, body)
	}
	if modified := answer.Header.Get("Last-Modified"); modified != "" {
		t.Errorf("a time in an image identifies nothing, found %q", modified)
	}
}

func TestServesManyRangesAtOnce(t *testing.T) {
	content := make([]byte, 1<<20)
	for i := range content {
		content[i] = byte(i >> 8)
	}
	server := httptest.NewServer(&disk{content: bytes.NewReader(content), size: int64(len(content))})
	defer server.Close()
	var waiting sync.WaitGroup
	for from := 0; from < len(content); from += 64 << 10 {
		waiting.Go(func() {
			request, _ := http.NewRequest(http.MethodGet, server.URL, nil)
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+64<<10-1))
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if body, _ := io.ReadAll(answer.Body); !bytes.Equal(body, content[from:from+64<<10]) {
				t.Errorf("the range from %d on has other bytes", from)
			}
		})
	}
	waiting.Wait()
}

func TestRefusesWhatIsNoImageOfOneDisk(t *testing.T) {
	two := t.TempDir()
	write(t, filepath.Join(two, "a"), "a")
	write(t, filepath.Join(two, "b", "c"), "c")
	linked := t.TempDir()
	if err := os.Symlink("/etc/passwd", filepath.Join(linked, "disk.img")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ disks, says string }{
		"no directory": {filepath.Join(two, "none"), "no directory"},
		"empty":        {t.TempDir(), "Failed to find VM disk image file"},
		"two files":    {two, "exactly one file"},
		"a link":       {linked, "Failed to find VM disk image file"},
	} {
		t.Run(name, func(t *testing.T) {
			err := offerDisk(test.disks, t.TempDir(), "127.0.0.1:0")
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("expected an error with %q, found %v", test.says, err)
			}
		})
	}
}

func TestAnIdentityNeedsTheLayersOfAnOverlay(t *testing.T) {
	mounts := filepath.Join(t.TempDir(), "mountinfo")
	write(t, mounts, strings.Join([]string{
		"1 0 0:1 / / rw,relatime - overlay overlay rw,lowerdir=/snapshots/7/fs:/snapshots/6/fs,upperdir=/u,workdir=/w",
		"2 1 0:2 / /proc rw - proc proc rw",
		"3 1 0:3 / /disk/volume rw - ext4 /dev/vdb rw",
		"4 1 0:4 / /other rw - overlay none rw,lowerdir+=/snapshots/9/fs,lowerdir+=/snapshots/8/fs,upperdir=/u",
		"broken",
	}, "\n"))
	for path, layers := range map[string]string{
		"/disk/disk.img":        "lowerdir=/snapshots/7/fs:/snapshots/6/fs",
		"/disk/volume/disk.img": "",
		"/other/disk.img":       "lowerdir+=/snapshots/9/fs,lowerdir+=/snapshots/8/fs",
	} {
		if found := lowerLayers(mounts, path); found != layers {
			t.Errorf("layers of %s: expected %q, found %q", path, layers, found)
		}
	}
	if found := lowerLayers(mounts+".none", "/disk"); found != "" {
		t.Errorf("expected nothing without a list of mounts, found %q", found)
	}
}

func TestServesWithTheTagItHas(t *testing.T) {
	answer := httptest.NewRecorder()

	(&disk{content: strings.NewReader("x"), size: 1, etag: `"v1"`}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/disk", nil))

	if tag := answer.Header().Get("ETag"); tag != `"v1"` {
		t.Errorf("expected the tag \"v1\", found %q", tag)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, shared string) offer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared, offerFile))
	if err != nil {
		t.Fatal(err)
	}
	var said offer
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	return said
}
