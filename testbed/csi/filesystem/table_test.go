package filesystem

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestMountTableIsUnderstood(t *testing.T) {
	mounts, err := parseTable(`22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
90 22 7:3 / /var/a\040b ro,noatime shared:7 master:1 - ext4 /dev/loop3 rw
91 22 0:6 /loop4 /var/c rw - devtmpfs devtmpfs rw
`)
	if err != nil {
		t.Fatal(err)
	}
	expected := []Entry{
		{Path: "/", Device: unix.Mkdev(254, 0), Root: "/", FSType: "ext4"},
		{Path: "/var/a b", Device: unix.Mkdev(7, 3), Root: "/", FSType: "ext4", ReadOnly: true},
		{Path: "/var/c", Device: unix.Mkdev(0, 6), Root: "/loop4", FSType: "devtmpfs"},
	}
	for i, want := range expected {
		if mounts[i] != want {
			t.Errorf("line %d: got %+v, expected %+v", i, mounts[i], want)
		}
	}
	if _, err := parseTable("22 1 254:0 / /"); err == nil {
		t.Error("a line that is cut short passed")
	}
}
