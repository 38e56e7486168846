package driver

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/filesystem"
	"dvflow.io/testbed/csi/loop"
	"dvflow.io/testbed/csi/state"
)

type node struct {
	csi.UnimplementedNodeServer
	config Config
	store  *state.Store
	locks  *locks
}

// NodePublishVolume binds the staged filesystem, or the device node, to the path that the kubelet gives to a pod.
func (n *node) NodePublishVolume(ctx context.Context, request *csi.NodePublishVolumeRequest,
) (*csi.NodePublishVolumeResponse, error) {
	target, capability := request.GetTargetPath(), request.GetVolumeCapability()
	if target == "" || capability == nil {
		return nil, invalid("NodePublishVolume %s: target path and capability are needed", request.GetVolumeId())
	}
	volume, release, err := lockVolume(ctx, n.store, n.locks, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	if err := fits(volume, capability); err != nil {
		return nil, err
	}
	device, err := n.staged(volume, request.GetStagingTargetPath())
	if err != nil {
		return nil, err
	}
	publication := publicationOf(request)
	if err := admit(&volume, target, publication); err != nil {
		return nil, err
	}
	if err := n.store.PutVolume(volume); err != nil {
		return nil, err
	}
	if volume.Mode == state.Block {
		return &csi.NodePublishVolumeResponse{}, publishDevice(device, target)
	}
	return &csi.NodePublishVolumeResponse{}, publishFilesystem(volume, device, target, publication.ReadOnly)
}

func publicationOf(request *csi.NodePublishVolumeRequest) state.Publication {
	mode := request.GetVolumeCapability().GetAccessMode().GetMode()
	return state.Publication{
		ReadOnly: request.GetReadonly() ||
			mode == csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY ||
			mode == csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY,
		SingleWriter: mode == csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER,
	}
}

// staged checks that the volume really is staged where the caller says.
func (n *node) staged(volume state.Volume, path string) (loop.Device, error) {
	if path == "" || volume.StagedAt != path {
		return 0, status.Errorf(codes.FailedPrecondition, "volume %s is not staged at %q (staged at %q)",
			volume.ID, path, volume.StagedAt)
	}
	device, err := n.attached(volume)
	if err != nil || volume.Mode == state.Block {
		return device, err
	}
	mount, mounted, err := filesystem.At(path)
	if err == nil && (!mounted || mount.Device != unix.Mkdev(loop.Major, uint32(device))) {
		err = status.Errorf(codes.FailedPrecondition, "volume %s is not mounted at %s; stage it again", volume.ID, path)
	}
	return device, err
}

func (n *node) attached(volume state.Volume) (loop.Device, error) {
	devices, err := loop.Find(n.store.VolumeFile(volume.ID))
	if err != nil {
		return 0, err
	}
	if len(devices) == 0 {
		return 0, status.Errorf(codes.FailedPrecondition,
			"volume %s is attached to no device; stage it first", volume.ID)
	}
	return devices[0], nil
}

// admit enters the publication into the record, ahead of the mount, and forgets those whose mount is gone.
func admit(volume *state.Volume, target string, publication state.Publication) error {
	live := map[string]state.Publication{}
	for path, earlier := range volume.Published {
		_, mounted, err := filesystem.At(path)
		if err != nil {
			return err
		}
		if !mounted {
			continue
		}
		if path == target && earlier != publication {
			return status.Errorf(codes.AlreadyExists, "volume %s is published at %s with other options: %+v, now %+v",
				volume.ID, target, earlier, publication)
		}
		if path != target && (earlier.SingleWriter || publication.SingleWriter) {
			return status.Errorf(codes.FailedPrecondition, "volume %s has a single writer and is published at %s",
				volume.ID, path)
		}
		live[path] = earlier
	}
	live[target] = publication
	volume.Published = live
	return nil
}

func publishDevice(device loop.Device, target string) error {
	_, mounted, err := filesystem.At(target)
	if err != nil {
		return err
	}
	if mounted {
		return sameDevice(device, target)
	}
	file, err := os.OpenFile(target, os.O_CREATE, 0o660)
	if err != nil {
		return fmt.Errorf("make the publish target: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	return filesystem.Bind(device.Path(), target, false)
}

func sameDevice(device loop.Device, target string) error {
	var info unix.Stat_t
	if err := unix.Stat(target, &info); err != nil {
		return fmt.Errorf("stat publish target %s: %w", target, err)
	}
	if info.Rdev != unix.Mkdev(loop.Major, uint32(device)) {
		return status.Errorf(codes.Internal, "publish %s: something else is mounted there already", target)
	}
	return nil
}

func publishFilesystem(volume state.Volume, device loop.Device, target string, readOnly bool) error {
	mount, mounted, err := filesystem.At(target)
	if err != nil {
		return err
	}
	if !mounted {
		if err := os.MkdirAll(target, 0o750); err != nil {
			return fmt.Errorf("make the publish target: %w", err)
		}
		return filesystem.Bind(volume.StagedAt, target, readOnly)
	}
	if mount.Device != unix.Mkdev(loop.Major, uint32(device)) {
		return status.Errorf(codes.Internal, "publish %s: something else is mounted there already", target)
	}
	if readOnly && !mount.ReadOnly {
		return filesystem.MakeReadOnly(target) // a kill came between the two steps of the bind
	}
	return nil
}

// NodeUnpublishVolume takes the bind mount and its mount point away.
func (n *node) NodeUnpublishVolume(ctx context.Context, request *csi.NodeUnpublishVolumeRequest,
) (*csi.NodeUnpublishVolumeResponse, error) {
	target := request.GetTargetPath()
	if target == "" {
		return nil, invalid("NodeUnpublishVolume %s: no target path given", request.GetVolumeId())
	}
	volume, release, err := lockVolume(ctx, n.store, n.locks, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	if err := filesystem.Unmount(target); err != nil {
		return nil, err
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the publish target: %w", err)
	}
	if _, recorded := volume.Published[target]; !recorded {
		return &csi.NodeUnpublishVolumeResponse{}, nil
	}
	delete(volume.Published, target)
	return &csi.NodeUnpublishVolumeResponse{}, n.store.PutVolume(volume)
}

func stillPublished(volume state.Volume) (target string, err error) {
	for path := range volume.Published {
		_, mounted, err := filesystem.At(path)
		if err != nil {
			return "", err
		}
		if mounted {
			return path, nil
		}
	}
	return "", nil
}

func (n *node) NodeGetVolumeStats(_ context.Context, request *csi.NodeGetVolumeStatsRequest,
) (*csi.NodeGetVolumeStatsResponse, error) {
	path := request.GetVolumePath()
	if path == "" {
		return nil, invalid("NodeGetVolumeStats %s: no volume path given", request.GetVolumeId())
	}
	volume, err := findVolume(n.store, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if err := exists(path, volume.ID); err != nil {
		return nil, err
	}
	if volume.Mode == state.Block {
		return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
			{Unit: csi.VolumeUsage_BYTES, Total: volume.Bytes},
		}}, nil
	}
	return filesystemStats(path)
}

func filesystemStats(path string) (*csi.NodeGetVolumeStatsResponse, error) {
	var stats unix.Statfs_t
	if err := unix.Statfs(path, &stats); err != nil {
		return nil, fmt.Errorf("statistics of %s: %w", path, err)
	}
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{
			Unit:      csi.VolumeUsage_BYTES,
			Total:     int64(stats.Blocks) * stats.Bsize,
			Available: int64(stats.Bavail) * stats.Bsize,
			Used:      int64(stats.Blocks-stats.Bfree) * stats.Bsize,
		},
		{
			Unit:      csi.VolumeUsage_INODES,
			Total:     int64(stats.Files),
			Available: int64(stats.Ffree),
			Used:      int64(stats.Files - stats.Ffree),
		},
	}}, nil
}

func exists(path, volume string) error {
	if _, err := os.Lstat(path); err != nil {
		return status.Errorf(codes.NotFound, "volume %s is not at %s: %v", volume, path, err)
	}
	return nil
}

func (n *node) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{
		NodeId:             n.config.NodeID,
		AccessibleTopology: &csi.Topology{Segments: map[string]string{TopologyKey: n.config.NodeID}},
	}, nil
}

func (n *node) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest,
) (*csi.NodeGetCapabilitiesResponse, error) {
	response := &csi.NodeGetCapabilitiesResponse{}
	for _, kind := range []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
		csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
		csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
		csi.NodeServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
	} {
		response.Capabilities = append(response.Capabilities, &csi.NodeServiceCapability{
			Type: &csi.NodeServiceCapability_Rpc{Rpc: &csi.NodeServiceCapability_RPC{Type: kind}},
		})
	}
	return response, nil
}
