package driver

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/backing"
	"dvflow.io/testbed/csi/filesystem"
	"dvflow.io/testbed/csi/loop"
	"dvflow.io/testbed/csi/state"
)

type controller struct {
	csi.UnimplementedControllerServer
	config Config
	store  *state.Store
	locks  *locks

	// growing is what running calls add to the volumes; their records do not show it yet.
	growing      int64
	growingMutex sync.Mutex
}

func (c *controller) CreateVolume(ctx context.Context, request *csi.CreateVolumeRequest,
) (*csi.CreateVolumeResponse, error) {
	want, err := plan(request, c.config.NodeID)
	if err != nil {
		return nil, err
	}
	id := state.VolumeID(want.name)
	release, err := c.locks.acquire(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	existing, found, err := c.store.Volume(id)
	if err != nil {
		return nil, err
	}
	if found {
		if difference := want.differs(existing); difference != "" {
			return nil, status.Errorf(codes.AlreadyExists, "volume %s exists, but %s", want.name, difference)
		}
		return &csi.CreateVolumeResponse{Volume: c.describe(existing)}, nil
	}
	volume, err := c.create(ctx, id, want)
	if err != nil {
		return nil, err
	}
	return &csi.CreateVolumeResponse{Volume: c.describe(volume)}, nil
}

func (c *controller) create(ctx context.Context, id string, want wanted) (state.Volume, error) {
	origin, err := c.open(ctx, want.source)
	if err != nil {
		return state.Volume{}, err
	}
	defer origin.close()
	size, err := want.size(origin.content)
	if err != nil {
		return state.Volume{}, err
	}
	free, err := c.reserve(size)
	if err != nil {
		return state.Volume{}, fmt.Errorf("create volume %s: %w", want.name, err)
	}
	defer free()
	volume := state.Volume{
		ID: id, Name: want.name, Stain: want.stain, Source: want.source, Content: want.content(size, origin.content),
	}
	err = backing.Create(c.store.VolumeFile(id), func(file *os.File) error {
		return origin.fill(file, volume)
	})
	if err != nil {
		return state.Volume{}, fmt.Errorf("create volume %s: %w", want.name, err)
	}
	return volume, c.store.PutVolume(volume)
}

// reserve books bytes until the caller's record stands for them.
func (c *controller) reserve(bytes int64) (free func(), err error) {
	c.growingMutex.Lock()
	defer c.growingMutex.Unlock()
	if c.config.CapacityBytes > 0 {
		available, err := c.available()
		if err != nil {
			return nil, err
		}
		if bytes > available {
			return nil, status.Errorf(codes.ResourceExhausted, "%d bytes asked for, %d of %d are free",
				bytes, available, c.config.CapacityBytes)
		}
	}
	c.growing += bytes
	return func() {
		c.growingMutex.Lock()
		defer c.growingMutex.Unlock()
		c.growing -= bytes
	}, nil
}

// available needs growingMutex.
func (c *controller) available() (int64, error) {
	if c.config.CapacityBytes == 0 {
		var disk unix.Statfs_t
		if err := unix.Statfs(c.store.Dir(), &disk); err != nil {
			return 0, fmt.Errorf("free space of %s: %w", c.store.Dir(), err)
		}
		return int64(disk.Bavail) * disk.Bsize, nil
	}
	volumes, err := c.store.Volumes()
	if err != nil {
		return 0, err
	}
	available := c.config.CapacityBytes - c.growing
	for _, volume := range volumes {
		available -= volume.Bytes
	}
	return max(available, 0), nil
}

func (c *controller) describe(volume state.Volume) *csi.Volume {
	described := &csi.Volume{
		VolumeId:           volume.ID,
		CapacityBytes:      volume.Bytes,
		AccessibleTopology: []*csi.Topology{{Segments: map[string]string{TopologyKey: c.config.NodeID}}},
	}
	switch {
	case volume.Source.Volume != "":
		described.ContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{
			Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: volume.Source.Volume},
		}}
	case volume.Source.Snapshot != "":
		described.ContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
			Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: volume.Source.Snapshot},
		}}
	}
	return described
}

func (c *controller) DeleteVolume(ctx context.Context, request *csi.DeleteVolumeRequest,
) (*csi.DeleteVolumeResponse, error) {
	id := request.GetVolumeId()
	if id == "" {
		return nil, invalid("DeleteVolume: no volume id given")
	}
	release, err := c.locks.acquire(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	volume, found, err := c.store.Volume(id)
	if err != nil {
		return nil, err
	}
	if !found {
		return &csi.DeleteVolumeResponse{}, nil
	}
	devices, err := loop.Find(c.store.VolumeFile(id))
	if err != nil {
		return nil, err
	}
	if len(devices) > 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s (%s) is in use: attached as %s, staged at %q",
			id, volume.Name, devices[0].Path(), volume.StagedAt)
	}
	return &csi.DeleteVolumeResponse{}, c.store.RemoveVolume(id)
}

func (c *controller) ControllerExpandVolume(ctx context.Context, request *csi.ControllerExpandVolumeRequest,
) (*csi.ControllerExpandVolumeResponse, error) {
	volume, release, err := lockVolume(ctx, c.store, c.locks, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	if request.GetCapacityRange() == nil {
		return nil, invalid("ControllerExpandVolume %s: no capacity range given", volume.ID)
	}
	required, limit, err := bounds(request.GetCapacityRange())
	if err != nil {
		return nil, err
	}
	size, err := roundUp(volume.Name, max(required, volume.Bytes), limit)
	if err != nil {
		return nil, err
	}
	if size > volume.Bytes {
		if err := c.grow(volume, size); err != nil {
			return nil, fmt.Errorf("expand volume %s: %w", volume.Name, err)
		}
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: size, NodeExpansionRequired: true}, nil
}

func (c *controller) grow(volume state.Volume, size int64) error {
	free, err := c.reserve(size - volume.Bytes)
	if err != nil {
		return err
	}
	defer free()
	file, err := os.OpenFile(c.store.VolumeFile(volume.ID), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := backing.Resize(file, size); err != nil {
		return err
	}
	if volume.Stain != nil {
		if err := backing.Stain(file, volume.Bytes, size, *volume.Stain); err != nil {
			return err
		}
	}
	volume.Bytes = size
	return c.store.PutVolume(volume)
}

func (c *controller) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest,
) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	volume, err := findVolume(c.store, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if len(request.GetVolumeCapabilities()) == 0 {
		return nil, invalid("ValidateVolumeCapabilities %s: no volume capabilities given", volume.ID)
	}
	for _, capability := range request.GetVolumeCapabilities() {
		if err := fits(volume, capability); err != nil {
			return &csi.ValidateVolumeCapabilitiesResponse{Message: status.Convert(err).Message()}, nil
		}
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
			VolumeContext:      request.GetVolumeContext(),
			VolumeCapabilities: request.GetVolumeCapabilities(),
			Parameters:         request.GetParameters(),
		},
	}, nil
}

// fits accepts a filesystem type other than the volume's own on a copy: that one keeps the filesystem of its original.
func fits(volume state.Volume, capability *csi.VolumeCapability) error {
	mode, err := modeOf(capability)
	if err != nil {
		return err
	}
	if mode != volume.Mode {
		return invalid("volume %s is a %s volume, the capability asks for %s", volume.ID, volume.Mode, mode)
	}
	asked := capability.GetMount().GetFsType()
	if asked != "" && asked != volume.FSType && volume.Source == (state.Source{}) {
		return invalid("volume %s has filesystem %s, the capability asks for %s", volume.ID, volume.FSType, asked)
	}
	return nil
}

func (c *controller) GetCapacity(_ context.Context, request *csi.GetCapacityRequest,
) (*csi.GetCapacityResponse, error) {
	if topology := request.GetAccessibleTopology(); topology != nil &&
		topology.GetSegments()[TopologyKey] != c.config.NodeID {
		return &csi.GetCapacityResponse{}, nil
	}
	c.growingMutex.Lock()
	defer c.growingMutex.Unlock()
	available, err := c.available()
	return &csi.GetCapacityResponse{AvailableCapacity: available}, err
}

func (c *controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest,
) (*csi.ControllerGetCapabilitiesResponse, error) {
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, kind := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_LIST_VOLUMES,
		csi.ControllerServiceCapability_RPC_GET_CAPACITY,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
	} {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: kind}},
		})
	}
	return response, nil
}

func findVolume(store *state.Store, id string) (state.Volume, error) {
	if id == "" {
		return state.Volume{}, invalid("no volume id given")
	}
	volume, found, err := store.Volume(id)
	if err != nil {
		return state.Volume{}, err
	}
	if !found {
		return state.Volume{}, status.Errorf(codes.NotFound, "there is no volume %s", id)
	}
	return volume, nil
}

func lockVolume(ctx context.Context, store *state.Store, locks *locks, id string) (state.Volume, func(), error) {
	release, err := locks.acquire(ctx, id)
	if err != nil {
		return state.Volume{}, nil, err
	}
	volume, err := findVolume(store, id)
	if err != nil {
		release()
		return state.Volume{}, nil, err
	}
	return volume, release, nil
}

// whole runs action while the volume's backing file holds everything that was written to the volume so far.
func whole(store *state.Store, volume state.Volume, action func() error) error {
	devices, err := loop.Find(store.VolumeFile(volume.ID))
	if err != nil {
		return err
	}
	if volume.Mode == state.Filesystem && volume.StagedAt != "" && len(devices) > 0 {
		_, mounted, err := filesystem.At(volume.StagedAt)
		if err != nil {
			return err
		}
		if mounted {
			return filesystem.WhileFrozen(volume.StagedAt, action)
		}
	}
	for _, device := range devices {
		if err := loop.Flush(device); err != nil {
			return err
		}
	}
	return action()
}
