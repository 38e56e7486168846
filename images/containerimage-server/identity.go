package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// identity is an entity tag for the content of a file in a container image, the same for as long as this node keeps the image,
// and another for every other image. It is empty where that cannot be told: then no later attempt builds on this one.
//
// Size and time do not make one: tags move, and reproducible builds have all files made in the same second. What does is the
// layers that the container runtime has mounted: it keeps each under a name of its own. Names are only unique on one node,
// so the node's own mark is part of it.
func identity(path string, info fs.FileInfo) string {
	layers := lowerLayers("/proc/self/mountinfo", path)
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if layers == "" || err != nil {
		return ""
	}
	inode := info.Sys().(*syscall.Stat_t).Ino
	known := fmt.Sprintf("%s\n%s\n%s\n%d %d %d", boot, layers, path, inode, info.Size(), info.ModTime().UnixNano())
	sum := sha256.Sum256([]byte(known))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// lowerLayers names the read-only layers of the overlay that a path lies on; empty if it lies on none.
func lowerLayers(mountinfo, path string) string {
	mounts, err := os.Open(mountinfo)
	if err != nil {
		return ""
	}
	defer mounts.Close()
	layers, longest := "", -1
	lines := bufio.NewScanner(mounts)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		point, found := parseMount(lines.Text())
		if contains(point, path) && len(point) >= longest {
			layers, longest = found, len(point)
		}
	}
	if lines.Err() != nil {
		return ""
	}
	return layers
}

// parseMount takes the mount point, and of an overlay the layers, out of a line as in proc_pid_mountinfo(5).
func parseMount(line string) (point, layers string) {
	mount, file, found := strings.Cut(line, " - ")
	mounted, system := strings.Fields(mount), strings.Fields(file)
	if !found || len(mounted) < 5 || len(system) < 3 {
		return "", ""
	}
	point = mounted[4]
	if system[0] != "overlay" {
		return point, ""
	}
	var lower []string
	for _, option := range strings.Split(system[2], ",") {
		if strings.HasPrefix(option, "lowerdir") {
			lower = append(lower, option)
		}
	}
	return point, strings.Join(lower, ",")
}

func contains(point, path string) bool {
	return point == "/" || path == point || point != "" && strings.HasPrefix(path, point+"/")
}
