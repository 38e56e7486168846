package driver

import (
	"context"
	"os"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/backing"
	"dvflow.io/testbed/csi/state"
)

// origin is where a new volume's bytes come from; content is nil when they come from nowhere.
type origin struct {
	content *state.Content
	copy    func(target *os.File) error
	close   func()
}

func (c *controller) open(ctx context.Context, source state.Source) (origin, error) {
	switch {
	case source.Volume != "":
		return c.openVolume(ctx, source.Volume)
	case source.Snapshot != "":
		return c.openSnapshot(ctx, source.Snapshot)
	default:
		return origin{copy: func(*os.File) error { return nil }, close: func() {}}, nil
	}
}

func (c *controller) openVolume(ctx context.Context, id string) (origin, error) {
	volume, release, err := lockVolume(ctx, c.store, c.locks, id)
	if err != nil {
		return origin{}, err
	}
	copyVolume := func(target *os.File) error {
		return whole(c.store, volume, func() error { return backing.Copy(target, c.store.VolumeFile(id)) })
	}
	return origin{content: &volume.Content, copy: copyVolume, close: release}, nil
}

func (c *controller) openSnapshot(ctx context.Context, id string) (origin, error) {
	release, err := c.locks.acquire(ctx, id)
	if err != nil {
		return origin{}, err
	}
	snapshot, found, err := c.store.Snapshot(id)
	if err == nil && !found {
		err = status.Errorf(codes.NotFound, "there is no snapshot %s", id)
	}
	if err != nil {
		release()
		return origin{}, err
	}
	copySnapshot := func(target *os.File) error { return backing.Copy(target, c.store.SnapshotFile(id)) }
	return origin{content: &snapshot.Content, copy: copySnapshot, close: release}, nil
}

// fill makes file the first content of volume: the origin's bytes, then stale data or a hole.
func (o origin) fill(file *os.File, volume state.Volume) error {
	if err := o.copy(file); err != nil {
		return err
	}
	if err := backing.Resize(file, volume.Bytes); err != nil {
		return err
	}
	if volume.Stain == nil {
		return nil
	}
	copied := int64(0)
	if o.content != nil {
		copied = o.content.Bytes
	}
	return backing.Stain(file, copied, volume.Bytes, *volume.Stain)
}
