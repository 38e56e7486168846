package driver

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/filesystem"
	"dvflow.io/testbed/csi/state"
)

const (
	mebibyte     = 1 << 20
	defaultBytes = 1 << 30

	// stalePattern is the StorageClass parameter that fills Block volumes with old data.
	stalePattern = "stalePattern"
	// sidecarPrefix marks parameters that the sidecars add (the claim's name, say).
	sidecarPrefix = "csi.storage.k8s.io/"
	fsTypeKey     = sidecarPrefix + "fstype"
)

// wanted is a CreateVolume request that makes sense.
type wanted struct {
	name     string
	required int64
	limit    int64 // 0 for none
	mode     state.Mode
	fsType   string
	stain    *byte
	source   state.Source
}

func plan(request *csi.CreateVolumeRequest, node string) (wanted, error) {
	if request.GetName() == "" {
		return wanted{}, invalid("CreateVolume: the volume has no name")
	}
	mode, fsType, err := shape(request.GetVolumeCapabilities(), request.GetParameters()[fsTypeKey])
	if err != nil {
		return wanted{}, err
	}
	stain, err := stainOf(request.GetParameters(), mode)
	if err != nil {
		return wanted{}, err
	}
	required, limit, err := bounds(request.GetCapacityRange())
	if err != nil {
		return wanted{}, err
	}
	source, err := sourceOf(request.GetVolumeContentSource())
	if err != nil {
		return wanted{}, err
	}
	if !reachable(request.GetAccessibilityRequirements(), node) {
		return wanted{}, status.Errorf(codes.ResourceExhausted,
			"CreateVolume %s: volumes lie on node %s, which the request's topology excludes", request.GetName(), node)
	}
	return wanted{
		name: request.GetName(), required: required, limit: limit,
		mode: mode, fsType: fsType, stain: stain, source: source,
	}, nil
}

// shape derives mode and filesystem from capabilities, which must agree on them.
func shape(capabilities []*csi.VolumeCapability, fsTypeParameter string) (state.Mode, string, error) {
	if len(capabilities) == 0 {
		return "", "", invalid("no volume capabilities given")
	}
	var mode state.Mode
	fsType := fsTypeParameter
	for _, capability := range capabilities {
		own, err := modeOf(capability)
		if err != nil {
			return "", "", err
		}
		if mode != "" && own != mode {
			return "", "", invalid("a volume is either Block or Filesystem, the capabilities ask for both")
		}
		mode = own
		if given := capability.GetMount().GetFsType(); given != "" {
			fsType = given
		}
	}
	if mode == state.Block {
		return mode, "", nil
	}
	if fsType == "" {
		fsType = filesystem.Ext4
	}
	if !filesystem.Known(fsType) {
		return "", "", invalid("filesystem %q is not supported; use %s or %s", fsType, filesystem.Ext4, filesystem.XFS)
	}
	return mode, fsType, nil
}

// modeOf accepts every access mode: with one node, "many nodes" is the same as one.
func modeOf(capability *csi.VolumeCapability) (state.Mode, error) {
	if capability.GetAccessMode().GetMode() == csi.VolumeCapability_AccessMode_UNKNOWN {
		return "", invalid("the volume capability names no access mode")
	}
	switch {
	case capability.GetBlock() != nil:
		return state.Block, nil
	case capability.GetMount() != nil:
		return state.Filesystem, nil
	default:
		return "", invalid("the volume capability is neither Block nor Filesystem")
	}
}

func stainOf(parameters map[string]string, mode state.Mode) (*byte, error) {
	var stain *byte
	for key, value := range parameters {
		switch {
		case key == stalePattern:
			pattern, err := strconv.ParseUint(value, 0, 8)
			if err != nil {
				return nil, invalid("parameter %s is %q; expected one byte, like 0xAA", stalePattern, value)
			}
			stain = new(byte(pattern))
		case !strings.HasPrefix(key, sidecarPrefix):
			return nil, invalid("parameter %q is unknown; this driver has %s and %s", key, stalePattern, fsTypeKey)
		}
	}
	if mode != state.Block || stain != nil && *stain == 0 {
		return nil, nil
	}
	return stain, nil
}

func bounds(capacity *csi.CapacityRange) (required, limit int64, err error) {
	required, limit = capacity.GetRequiredBytes(), capacity.GetLimitBytes()
	if required < 0 || limit < 0 || limit > 0 && limit < required {
		return 0, 0, invalid("capacity range is not possible: at least %d, at most %d bytes", required, limit)
	}
	return required, limit, nil
}

func sourceOf(source *csi.VolumeContentSource) (state.Source, error) {
	switch {
	case source == nil:
		return state.Source{}, nil
	case source.GetVolume().GetVolumeId() != "":
		return state.Source{Volume: source.GetVolume().GetVolumeId()}, nil
	case source.GetSnapshot().GetSnapshotId() != "":
		return state.Source{Snapshot: source.GetSnapshot().GetSnapshotId()}, nil
	default:
		return state.Source{}, invalid("the content source names neither a volume nor a snapshot")
	}
}

func reachable(requirement *csi.TopologyRequirement, node string) bool {
	if len(requirement.GetRequisite()) == 0 {
		return true
	}
	for _, topology := range requirement.GetRequisite() {
		if topology.GetSegments()[TopologyKey] == node {
			return true
		}
	}
	return false
}

// size is how large the volume becomes. A content source (nil for none) sets the least size.
func (w wanted) size(source *state.Content) (int64, error) {
	bytes := w.required
	switch {
	case bytes == 0 && source != nil:
		bytes = source.Bytes
	case bytes == 0:
		bytes = defaultBytes
		if w.limit > 0 {
			bytes = min(bytes, w.limit)
		}
	}
	if source != nil && bytes < source.Bytes {
		return 0, status.Errorf(codes.OutOfRange, "CreateVolume %s: %d bytes asked for, its source has %d",
			w.name, bytes, source.Bytes)
	}
	if w.mode == state.Filesystem && w.fsType == filesystem.XFS {
		bytes = max(bytes, filesystem.SmallestXFS)
	}
	return roundUp(w.name, bytes, w.limit)
}

func roundUp(name string, bytes, limit int64) (int64, error) {
	rounded := (bytes + mebibyte - 1) / mebibyte * mebibyte
	if rounded < bytes || limit > 0 && rounded > limit {
		return 0, status.Errorf(codes.OutOfRange, "volume %s: %d bytes round up to %d, the limit is %d",
			name, bytes, rounded, limit)
	}
	return rounded, nil
}

// content describes the new volume; one that copies a Filesystem volume keeps the filesystem it finds.
func (w wanted) content(size int64, source *state.Content) state.Content {
	content := state.Content{Bytes: size, Mode: w.mode, FSType: w.fsType}
	switch {
	case source == nil || w.mode == state.Block:
	case source.Mode == state.Block:
		content.Unprobed = true
	default:
		content.FSType, content.Formatted = source.FSType, source.Formatted
		content.FilesystemBytes, content.Unprobed = source.FilesystemBytes, source.Unprobed
	}
	return content
}

// differs says why an existing volume of the same name is not what is wanted; "" when it is.
func (w wanted) differs(existing state.Volume) string {
	switch {
	case existing.Bytes < w.required || w.limit > 0 && existing.Bytes > w.limit:
		return fmt.Sprintf("it has %d bytes", existing.Bytes)
	case existing.Mode != w.mode:
		return fmt.Sprintf("it is a %s volume", existing.Mode)
	case existing.Source != w.source:
		return fmt.Sprintf("its content came from %+v", existing.Source)
	case w.source == state.Source{} && existing.FSType != w.fsType:
		return fmt.Sprintf("its filesystem is %s", existing.FSType)
	default:
		return ""
	}
}

func outOfSpace(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG)
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}
