package driver

import (
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/state"
)

func request(change func(*csi.CreateVolumeRequest)) *csi.CreateVolumeRequest {
	made := &csi.CreateVolumeRequest{
		Name:               "pvc-1",
		VolumeCapabilities: []*csi.VolumeCapability{mount("")},
		CapacityRange:      &csi.CapacityRange{RequiredBytes: 10 * mebibyte},
	}
	change(made)
	return made
}

func mount(fsType string) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{FsType: fsType}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER},
	}
}

func device() *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER},
	}
}

func elsewhere() *csi.TopologyRequirement {
	return &csi.TopologyRequirement{Requisite: []*csi.Topology{{Segments: map[string]string{TopologyKey: "other"}}}}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*csi.CreateVolumeRequest)
		code   codes.Code
	}{
		"no name":          {func(r *csi.CreateVolumeRequest) { r.Name = "" }, codes.InvalidArgument},
		"no capability":    {func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities = nil }, codes.InvalidArgument},
		"no access mode":   {func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities[0].AccessMode = nil }, codes.InvalidArgument},
		"no access type":   {func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities[0].AccessType = nil }, codes.InvalidArgument},
		"both modes":       {func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities = append(r.VolumeCapabilities, device()) }, codes.InvalidArgument},
		"filesystem":       {func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities[0] = mount("ntfs") }, codes.InvalidArgument},
		"parameter":        {func(r *csi.CreateVolumeRequest) { r.Parameters = map[string]string{"stalepattern": "0xAA"} }, codes.InvalidArgument},
		"pattern":          {func(r *csi.CreateVolumeRequest) { r.Parameters = map[string]string{stalePattern: "0x1AA"} }, codes.InvalidArgument},
		"limit below need": {func(r *csi.CreateVolumeRequest) { r.CapacityRange.LimitBytes = mebibyte }, codes.InvalidArgument},
		"empty source":     {func(r *csi.CreateVolumeRequest) { r.VolumeContentSource = &csi.VolumeContentSource{} }, codes.InvalidArgument},
		"other node":       {func(r *csi.CreateVolumeRequest) { r.AccessibilityRequirements = elsewhere() }, codes.ResourceExhausted},
	} {
		if _, err := plan(request(test.change), "node-1"); status.Code(err) != test.code {
			t.Errorf("%s: got %v, expected %v", name, err, test.code)
		}
	}
}

func TestPlans(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*csi.CreateVolumeRequest)
		mode   state.Mode
		fsType string
		stain  int // -1 for none
	}{
		"filesystem by default ext4": {func(*csi.CreateVolumeRequest) {}, state.Filesystem, "ext4", -1},
		"filesystem by capability":   {func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities[0] = mount("xfs") }, state.Filesystem, "xfs", -1},
		"filesystem by parameter":    {func(r *csi.CreateVolumeRequest) { r.Parameters = map[string]string{fsTypeKey: "xfs"} }, state.Filesystem, "xfs", -1},
		"no old data in filesystems": {func(r *csi.CreateVolumeRequest) { r.Parameters = map[string]string{stalePattern: "0xAA"} }, state.Filesystem, "ext4", -1},
		"old data on devices": {func(r *csi.CreateVolumeRequest) {
			r.Parameters = map[string]string{stalePattern: "0xAA", "csi.storage.k8s.io/pvc/name": "disk"}
			r.VolumeCapabilities[0] = device()
		}, state.Block, "", 0xAA},
		"zeros are holes": {func(r *csi.CreateVolumeRequest) {
			r.Parameters = map[string]string{stalePattern: "0"}
			r.VolumeCapabilities[0] = device()
		}, state.Block, "", -1},
	} {
		planned, err := plan(request(test.change), "node-1")
		stain := -1
		if planned.stain != nil {
			stain = int(*planned.stain)
		}
		if err != nil || planned.mode != test.mode || planned.fsType != test.fsType || stain != test.stain {
			t.Errorf("%s: got %+v, stain %#x, %v", name, planned, stain, err)
		}
	}
}

func TestSizes(t *testing.T) {
	source := &state.Content{Bytes: 5 * mebibyte}
	for name, test := range map[string]struct {
		want   wanted
		source *state.Content
		bytes  int64
		code   codes.Code
	}{
		"nothing said":          {wanted{}, nil, defaultBytes, codes.OK},
		"only a limit":          {wanted{limit: 3 * mebibyte}, nil, 3 * mebibyte, codes.OK},
		"rounded up":            {wanted{required: 1}, nil, mebibyte, codes.OK},
		"no room to round":      {wanted{required: 1, limit: 2}, nil, 0, codes.OutOfRange},
		"as large as source":    {wanted{}, source, 5 * mebibyte, codes.OK},
		"larger than source":    {wanted{required: 6 * mebibyte}, source, 6 * mebibyte, codes.OK},
		"smaller than source":   {wanted{required: 4 * mebibyte}, source, 0, codes.OutOfRange},
		"limit below source":    {wanted{limit: 4 * mebibyte}, source, 0, codes.OutOfRange},
		"XFS has a least size":  {wanted{required: 1, mode: state.Filesystem, fsType: "xfs"}, nil, 300 * mebibyte, codes.OK},
		"XFS above its limit":   {wanted{limit: mebibyte, mode: state.Filesystem, fsType: "xfs"}, nil, 0, codes.OutOfRange},
		"more than int64 holds": {wanted{required: 1<<63 - 1}, nil, 0, codes.OutOfRange},
	} {
		bytes, err := test.want.size(test.source)
		if bytes != test.bytes || status.Code(err) != test.code {
			t.Errorf("%s: got %d, %v; expected %d, %v", name, bytes, err, test.bytes, test.code)
		}
	}
}

func TestPages(t *testing.T) {
	all := []int{1, 2, 3, 4, 5}
	for name, test := range map[string]struct {
		token string
		most  int32
		count int
		next  string
		code  codes.Code
	}{
		"all":       {"", 0, 5, "", codes.OK},
		"first":     {"", 2, 2, "2", codes.OK},
		"last":      {"4", 2, 1, "", codes.OK},
		"exact":     {"3", 2, 2, "", codes.OK},
		"nonsense":  {"x", 2, 0, "", codes.Aborted},
		"too far":   {"6", 2, 0, "", codes.Aborted},
		"below":     {"-1", 2, 0, "", codes.Aborted},
		"few to be": {"", -1, 0, "", codes.InvalidArgument},
	} {
		page, next, err := pageOf(all, test.token, test.most)
		if len(page) != test.count || next != test.next || status.Code(err) != test.code {
			t.Errorf("%s: got %v, %q, %v", name, page, next, err)
		}
	}
}
