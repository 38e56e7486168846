package driver

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"dvflow.io/testbed/csi/backing"
	"dvflow.io/testbed/csi/state"
)

func (c *controller) CreateSnapshot(ctx context.Context, request *csi.CreateSnapshotRequest,
) (*csi.CreateSnapshotResponse, error) {
	name, source := request.GetName(), request.GetSourceVolumeId()
	if name == "" || source == "" {
		return nil, invalid("CreateSnapshot: name is %q and source volume %q; both are needed", name, source)
	}
	id := state.SnapshotID(name)
	release, err := c.locks.acquire(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	existing, found, err := c.store.Snapshot(id)
	if err != nil {
		return nil, err
	}
	if found {
		if existing.SourceVolume != source {
			return nil, status.Errorf(codes.AlreadyExists, "snapshot %s exists, but of volume %s, not of %s",
				name, existing.SourceVolume, source)
		}
		return &csi.CreateSnapshotResponse{Snapshot: describeSnapshot(existing)}, nil
	}
	snapshot, err := c.takeSnapshot(ctx, id, name, source)
	if err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: describeSnapshot(snapshot)}, nil
}

func (c *controller) takeSnapshot(ctx context.Context, id, name, source string) (state.Snapshot, error) {
	origin, err := c.openVolume(ctx, source)
	if err != nil {
		return state.Snapshot{}, err
	}
	defer origin.close()
	snapshot := state.Snapshot{
		ID: id, Name: name, Content: *origin.content, SourceVolume: source, Created: time.Now().UTC(),
	}
	err = backing.Create(c.store.SnapshotFile(id), func(file *os.File) error {
		if err := origin.copy(file); err != nil {
			return err
		}
		return backing.Resize(file, snapshot.Bytes)
	})
	if err != nil {
		return state.Snapshot{}, fmt.Errorf("take snapshot %s: %w", name, err)
	}
	return snapshot, c.store.PutSnapshot(snapshot)
}

func (c *controller) DeleteSnapshot(ctx context.Context, request *csi.DeleteSnapshotRequest,
) (*csi.DeleteSnapshotResponse, error) {
	id := request.GetSnapshotId()
	if id == "" {
		return nil, invalid("DeleteSnapshot: no snapshot id given")
	}
	release, err := c.locks.acquire(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	_, found, err := c.store.Snapshot(id)
	if err != nil || !found {
		return &csi.DeleteSnapshotResponse{}, err
	}
	return &csi.DeleteSnapshotResponse{}, c.store.RemoveSnapshot(id)
}

func describeSnapshot(snapshot state.Snapshot) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId:     snapshot.ID,
		SourceVolumeId: snapshot.SourceVolume,
		SizeBytes:      snapshot.Bytes,
		CreationTime:   timestamppb.New(snapshot.Created),
		ReadyToUse:     true,
	}
}
