package driver

import (
	"context"
	"strconv"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/state"
)

func (c *controller) ListVolumes(_ context.Context, request *csi.ListVolumesRequest,
) (*csi.ListVolumesResponse, error) {
	volumes, err := c.store.Volumes()
	if err != nil {
		return nil, err
	}
	page, next, err := pageOf(volumes, request.GetStartingToken(), request.GetMaxEntries())
	if err != nil {
		return nil, err
	}
	response := &csi.ListVolumesResponse{NextToken: next}
	for _, volume := range page {
		response.Entries = append(response.Entries, &csi.ListVolumesResponse_Entry{Volume: c.describe(volume)})
	}
	return response, nil
}

func (c *controller) ListSnapshots(_ context.Context, request *csi.ListSnapshotsRequest,
) (*csi.ListSnapshotsResponse, error) {
	snapshots, err := c.store.Snapshots()
	if err != nil {
		return nil, err
	}
	var selected []state.Snapshot
	for _, snapshot := range snapshots {
		byID := request.GetSnapshotId() == "" || request.GetSnapshotId() == snapshot.ID
		bySource := request.GetSourceVolumeId() == "" || request.GetSourceVolumeId() == snapshot.SourceVolume
		if byID && bySource {
			selected = append(selected, snapshot)
		}
	}
	page, next, err := pageOf(selected, request.GetStartingToken(), request.GetMaxEntries())
	if err != nil {
		return nil, err
	}
	response := &csi.ListSnapshotsResponse{NextToken: next}
	for _, snapshot := range page {
		response.Entries = append(response.Entries, &csi.ListSnapshotsResponse_Entry{
			Snapshot: describeSnapshot(snapshot),
		})
	}
	return response, nil
}

// pageOf cuts one page out of all; tokens are offsets, and most 0 means no bound.
func pageOf[T any](all []T, token string, most int32) (page []T, next string, err error) {
	start := 0
	if token != "" {
		start, err = strconv.Atoi(token)
		if err != nil || start < 0 || start > len(all) {
			return nil, "", status.Errorf(codes.Aborted, "starting token %q is none of this list's %d entries",
				token, len(all))
		}
	}
	if most < 0 {
		return nil, "", invalid("max entries is %d; it cannot be negative", most)
	}
	end := len(all)
	if most > 0 && start+int(most) < end {
		end = start + int(most)
		next = strconv.Itoa(end)
	}
	return all[start:end], next, nil
}
