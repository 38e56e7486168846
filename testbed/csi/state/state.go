// Package state keeps what the driver knows: one JSON record beside one backing file for each volume and each snapshot.
// Every call reads the records from disk, so a process that was killed and one that was not behave alike.
package state

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"dvflow.io/testbed/csi/backing"
)

// Mode is how a volume is handed out.
type Mode string

const (
	Block      Mode = "Block"
	Filesystem Mode = "Filesystem"
)

// Source is what a volume's first content came from; at most one of the two is set.
type Source struct {
	Volume   string `json:"volume,omitempty"`
	Snapshot string `json:"snapshot,omitempty"`
}

// Content says what the bytes of a volume or a snapshot are.
type Content struct {
	Bytes int64 `json:"bytes"`
	Mode  Mode  `json:"mode"`
	// FSType is the filesystem a Filesystem volume has, or will be given when it is staged first.
	FSType string `json:"fsType,omitempty"`
	// Formatted says that the filesystem is on it.
	Formatted bool `json:"formatted,omitempty"`
	// FilesystemBytes is the size that the filesystem was last made for or grown to.
	FilesystemBytes int64 `json:"filesystemBytes,omitempty"`
	// Unprobed marks a Filesystem copy of a Block volume: what it holds is found out when it is staged first.
	Unprobed bool `json:"unprobed,omitempty"`
}

// Publication is one bind mount handed to a pod.
type Publication struct {
	ReadOnly     bool `json:"readOnly,omitempty"`
	SingleWriter bool `json:"singleWriter,omitempty"`
}

// Volume is the record of a volume. Mounts named here are intentions: the kernel's tables say what is mounted.
type Volume struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Content
	// Stain is the byte that fills what nobody has written yet on a Block volume; absent for holes.
	Stain     *byte                  `json:"stain,omitempty"`
	Source    Source                 `json:"source,omitzero"`
	StagedAt  string                 `json:"stagedAt,omitempty"`
	Published map[string]Publication `json:"published,omitempty"`
}

// Snapshot is the record of a snapshot.
type Snapshot struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Content
	SourceVolume string    `json:"sourceVolume"`
	Created      time.Time `json:"created"`
}

const (
	volumesDir   = "volumes"
	snapshotsDir = "snapshots"
	recordSuffix = ".json"
	fileSuffix   = ".img"
)

var identifier = regexp.MustCompile(`^(vol|snap)-[0-9a-f]{32}$`)

// VolumeID is the id of the volume that CreateVolume makes for a name.
func VolumeID(name string) string { return derive("vol", name) }

// SnapshotID is the id of the snapshot that CreateSnapshot makes for a name.
func SnapshotID(name string) string { return derive("snap", name) }

// derive makes ids a function of names: a call repeated after a kill finds what the first one made.
func derive(kind, name string) string {
	return fmt.Sprintf("%s-%x", kind, sha256.Sum256([]byte(name)))[:len(kind)+33]
}

// Store is a state directory.
type Store struct{ dir string }

// At looks at a directory as it is, or is not.
func At(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return &Store{dir}, nil
}

// Open makes the directory where it is missing.
func Open(dir string) (*Store, error) {
	store, err := At(dir)
	if err != nil {
		return nil, err
	}
	for _, sub := range []string{volumesDir, snapshotsDir} {
		if err := os.MkdirAll(filepath.Join(store.dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("make state directory: %w", err)
		}
	}
	return store, nil
}

// Dir is the absolute path of the state directory.
func (s *Store) Dir() string { return s.dir }

// VolumeFile is the backing file of a volume.
func (s *Store) VolumeFile(id string) string { return filepath.Join(s.dir, volumesDir, id+fileSuffix) }

// SnapshotFile is the backing file of a snapshot.
func (s *Store) SnapshotFile(id string) string {
	return filepath.Join(s.dir, snapshotsDir, id+fileSuffix)
}

// Volume reads one record; found is false when there is none.
func (s *Store) Volume(id string) (volume Volume, found bool, err error) {
	return read[Volume](s.dir, volumesDir, id)
}

// Snapshot reads one record; found is false when there is none.
func (s *Store) Snapshot(id string) (snapshot Snapshot, found bool, err error) {
	return read[Snapshot](s.dir, snapshotsDir, id)
}

// Volumes reads all records, ordered by id.
func (s *Store) Volumes() ([]Volume, error) { return readAll[Volume](s.dir, volumesDir) }

// Snapshots reads all records, ordered by id.
func (s *Store) Snapshots() ([]Snapshot, error) { return readAll[Snapshot](s.dir, snapshotsDir) }

// PutVolume replaces the record in one step.
func (s *Store) PutVolume(volume Volume) error { return s.put(volumesDir, volume.ID, volume) }

// PutSnapshot replaces the record in one step.
func (s *Store) PutSnapshot(snapshot Snapshot) error {
	return s.put(snapshotsDir, snapshot.ID, snapshot)
}

// RemoveVolume removes the record, then the file: what a kill leaves between the two is an orphan that Recover removes.
func (s *Store) RemoveVolume(id string) error { return s.remove(volumesDir, id) }

// RemoveSnapshot removes a snapshot as RemoveVolume does a volume.
func (s *Store) RemoveSnapshot(id string) error { return s.remove(snapshotsDir, id) }

// Recover removes what calls that were cut short left behind. Only for a process that owns the directory alone.
func (s *Store) Recover() error {
	orphans, err := s.Orphans()
	if err != nil {
		return err
	}
	for _, orphan := range orphans {
		if err := os.Remove(orphan); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove what an interrupted call left: %w", err)
		}
	}
	volumes, err := s.Volumes()
	if err != nil {
		return err
	}
	for _, volume := range volumes {
		if err := s.undoUnrecordedGrowth(volume); err != nil {
			return err
		}
	}
	return nil
}

// undoUnrecordedGrowth cuts a file whose expansion was interrupted back to the size the record promises, before anyone
// can write into bytes that the repeated expansion is going to stain.
func (s *Store) undoUnrecordedGrowth(volume Volume) error {
	file := s.VolumeFile(volume.ID)
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("volume %s (%s) has a record but no backing file: %w", volume.ID, volume.Name, err)
	}
	if info.Size() <= volume.Bytes {
		return nil
	}
	if err := os.Truncate(file, volume.Bytes); err != nil {
		return fmt.Errorf("undo the interrupted expansion of %s: %w", volume.ID, err)
	}
	return nil
}

// Orphans lists files that no record stands for.
func (s *Store) Orphans() ([]string, error) {
	var orphans []string
	for _, sub := range []string{volumesDir, snapshotsDir} {
		entries, err := os.ReadDir(filepath.Join(s.dir, sub))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", sub, err)
		}
		names := map[string]bool{}
		for _, entry := range entries {
			names[entry.Name()] = true
		}
		for name := range names {
			id, isFile := strings.CutSuffix(name, fileSuffix)
			if strings.HasSuffix(name, backing.Unfinished) || isFile && !names[id+recordSuffix] {
				orphans = append(orphans, filepath.Join(s.dir, sub, name))
			}
		}
	}
	slices.Sort(orphans)
	return orphans, nil
}

func read[T any](dir, sub, id string) (record T, found bool, err error) {
	if !identifier.MatchString(id) {
		return record, false, nil
	}
	file := filepath.Join(dir, sub, id+recordSuffix)
	content, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return record, false, nil
	}
	if err != nil {
		return record, false, fmt.Errorf("read record of %s: %w", id, err)
	}
	if err := json.Unmarshal(content, &record); err != nil {
		return record, false, fmt.Errorf("record %s is not readable: %w", file, err)
	}
	return record, true, nil
}

func readAll[T any](dir, sub string) ([]T, error) {
	files, err := filepath.Glob(filepath.Join(dir, sub, "*"+recordSuffix))
	if err != nil {
		return nil, fmt.Errorf("list records in %s: %w", sub, err)
	}
	var records []T
	for _, file := range files {
		record, found, err := read[T](dir, sub, strings.TrimSuffix(filepath.Base(file), recordSuffix))
		if err != nil {
			return nil, err
		}
		if found {
			records = append(records, record)
		}
	}
	return records, nil
}

func (s *Store) put(sub, id string, record any) error {
	content, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return fmt.Errorf("write record of %s: %w", id, err)
	}
	file := filepath.Join(s.dir, sub, id+recordSuffix)
	if err := os.WriteFile(file+backing.Unfinished, append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("write record of %s: %w", id, err)
	}
	if err := os.Rename(file+backing.Unfinished, file); err != nil {
		return fmt.Errorf("write record of %s: %w", id, err)
	}
	return nil
}

func (s *Store) remove(sub, id string) error {
	for _, suffix := range []string{recordSuffix, fileSuffix} {
		err := os.Remove(filepath.Join(s.dir, sub, id+suffix))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", id, err)
		}
	}
	return nil
}
