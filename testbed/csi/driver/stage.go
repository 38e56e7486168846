package driver

import (
	"context"
	"errors"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/backing"
	"dvflow.io/testbed/csi/filesystem"
	"dvflow.io/testbed/csi/loop"
	"dvflow.io/testbed/csi/state"
)

// NodeStageVolume attaches the loop device, and mounts the filesystem, which it makes at the first time.
func (n *node) NodeStageVolume(ctx context.Context, request *csi.NodeStageVolumeRequest,
) (*csi.NodeStageVolumeResponse, error) {
	path := request.GetStagingTargetPath()
	if path == "" || request.GetVolumeCapability() == nil {
		return nil, invalid("NodeStageVolume %s: staging path and capability are needed", request.GetVolumeId())
	}
	volume, release, err := lockVolume(ctx, n.store, n.locks, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	if err := fits(volume, request.GetVolumeCapability()); err != nil {
		return nil, err
	}
	if err := n.claimStagingPath(&volume, path); err != nil {
		return nil, err
	}
	device, err := loop.Attach(n.store.VolumeFile(volume.ID))
	if err != nil {
		return nil, err
	}
	if volume.Mode == state.Block {
		return &csi.NodeStageVolumeResponse{}, nil
	}
	if err := n.format(&volume, device); err != nil {
		return nil, err
	}
	options := request.GetVolumeCapability().GetMount().GetMountFlags()
	return &csi.NodeStageVolumeResponse{}, n.mountStaged(volume, device, options)
}

func (n *node) claimStagingPath(volume *state.Volume, path string) error {
	if volume.StagedAt == path {
		return nil
	}
	if volume.StagedAt != "" {
		_, mounted, err := filesystem.At(volume.StagedAt)
		if err != nil {
			return err
		}
		if mounted {
			return status.Errorf(codes.FailedPrecondition, "volume %s is staged at %s; unstage it there before %s",
				volume.ID, volume.StagedAt, path)
		}
	}
	volume.StagedAt = path
	return n.store.PutVolume(*volume)
}

// format decides by the record, not by what lies on the device: half a filesystem is what a killed mkfs leaves.
func (n *node) format(volume *state.Volume, device loop.Device) error {
	if volume.Formatted {
		return nil
	}
	if volume.Unprobed {
		return n.adoptFilesystem(volume, device)
	}
	if err := backing.Empty(n.store.VolumeFile(volume.ID)); err != nil {
		return err
	}
	if err := filesystem.Make(volume.FSType, device.Path(), volume.Bytes); err != nil {
		return err
	}
	volume.Formatted, volume.FilesystemBytes = true, volume.Bytes
	return n.store.PutVolume(*volume)
}

// adoptFilesystem takes the one that the users of the Block volume made; formatting would destroy what was copied.
func (n *node) adoptFilesystem(volume *state.Volume, device loop.Device) error {
	found, err := filesystem.Probe(device.Path())
	if err != nil {
		return err
	}
	if !filesystem.Known(found) {
		return status.Errorf(codes.FailedPrecondition,
			"volume %s is a copy of a Block volume and holds no filesystem that can be mounted (found %q)",
			volume.ID, found)
	}
	volume.FSType, volume.Formatted, volume.Unprobed = found, true, false
	return n.store.PutVolume(*volume)
}

func (n *node) mountStaged(volume state.Volume, device loop.Device, options []string) error {
	mount, mounted, err := filesystem.At(volume.StagedAt)
	if err != nil {
		return err
	}
	if mounted {
		if mount.Device != unix.Mkdev(loop.Major, uint32(device)) {
			return status.Errorf(codes.Internal, "stage volume %s: a %s filesystem of something else is mounted at %s",
				volume.ID, mount.FSType, volume.StagedAt)
		}
		return nil
	}
	grows := volume.FilesystemBytes != volume.Bytes
	if grows && volume.FSType == filesystem.Ext4 {
		if err := filesystem.GrowUnmounted(device.Path()); err != nil {
			return err
		}
		if err := n.recordGrowth(volume); err != nil {
			return err
		}
	}
	err = filesystem.Mount(volume.FSType, device.Path(), volume.StagedAt, options)
	if err != nil || !grows || volume.FSType == filesystem.Ext4 {
		return err
	}
	return n.growMounted(volume, device)
}

func (n *node) growMounted(volume state.Volume, device loop.Device) error {
	err := filesystem.GrowMounted(volume.FSType, device.Path(), volume.StagedAt)
	if errors.Is(err, filesystem.ErrGrowsOffline) {
		return status.Errorf(codes.FailedPrecondition, "volume %s: %v; it grows when it is staged next", volume.ID, err)
	}
	if err != nil {
		return err
	}
	return n.recordGrowth(volume)
}

func (n *node) recordGrowth(volume state.Volume) error {
	volume.FilesystemBytes = volume.Bytes
	return n.store.PutVolume(volume)
}

// NodeUnstageVolume unmounts the filesystem and detaches the loop device.
func (n *node) NodeUnstageVolume(ctx context.Context, request *csi.NodeUnstageVolumeRequest,
) (*csi.NodeUnstageVolumeResponse, error) {
	path := request.GetStagingTargetPath()
	if path == "" {
		return nil, invalid("NodeUnstageVolume %s: no staging path given", request.GetVolumeId())
	}
	volume, release, err := lockVolume(ctx, n.store, n.locks, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	if target, err := stillPublished(volume); err != nil {
		return nil, err
	} else if target != "" {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is still published at %s", volume.ID, target)
	}
	if volume.Mode == state.Filesystem {
		if err := filesystem.Unmount(path); err != nil {
			return nil, err
		}
	}
	if err := loop.Detach(n.store.VolumeFile(volume.ID)); err != nil {
		return nil, err
	}
	volume.StagedAt, volume.Published = "", nil
	return &csi.NodeUnstageVolumeResponse{}, n.store.PutVolume(volume)
}

// NodeExpandVolume brings the device, and the filesystem on it, to the size that the controller gave the volume.
func (n *node) NodeExpandVolume(ctx context.Context, request *csi.NodeExpandVolumeRequest,
) (*csi.NodeExpandVolumeResponse, error) {
	if request.GetVolumePath() == "" {
		return nil, invalid("NodeExpandVolume %s: no volume path given", request.GetVolumeId())
	}
	volume, release, err := lockVolume(ctx, n.store, n.locks, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	if err := exists(request.GetVolumePath(), volume.ID); err != nil {
		return nil, err
	}
	if required := request.GetCapacityRange().GetRequiredBytes(); required > volume.Bytes {
		return nil, status.Errorf(codes.OutOfRange,
			"volume %s has %d bytes; the controller has to expand it to %d first", volume.ID, volume.Bytes, required)
	}
	device, err := n.attached(volume)
	if err != nil {
		return nil, err
	}
	if err := loop.RefreshSize(device); err != nil {
		return nil, err
	}
	response := &csi.NodeExpandVolumeResponse{CapacityBytes: volume.Bytes}
	if volume.Mode == state.Block {
		return response, nil
	}
	return response, n.growMounted(volume, device)
}
