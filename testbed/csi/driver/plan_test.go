package driver

import (
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/state"
)

func request(change change) *csi.CreateVolumeRequest {
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

type change func(*csi.CreateVolumeRequest)

func capability(given ...*csi.VolumeCapability) change {
	return func(r *csi.CreateVolumeRequest) { r.VolumeCapabilities = given }
}

func parameter(key, value string) change {
	return func(r *csi.CreateVolumeRequest) { r.Parameters = map[string]string{key: value} }
}

func both(first, second change) change {
	return func(r *csi.CreateVolumeRequest) { first(r); second(r) }
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	withoutMode, withoutType := mount(""), mount("")
	withoutMode.AccessMode, withoutType.AccessType = nil, nil
	for name, test := range map[string]struct {
		change change
		code   codes.Code
	}{
		"no name":        {func(r *csi.CreateVolumeRequest) { r.Name = "" }, codes.InvalidArgument},
		"no capability":  {capability(), codes.InvalidArgument},
		"no access mode": {capability(withoutMode), codes.InvalidArgument},
		"no access type": {capability(withoutType), codes.InvalidArgument},
		"both modes":     {capability(mount(""), device()), codes.InvalidArgument},
		"filesystem":     {capability(mount("ntfs")), codes.InvalidArgument},
		"parameter":      {parameter("stalepattern", "0xAA"), codes.InvalidArgument},
		"pattern":        {parameter(stalePattern, "0x1AA"), codes.InvalidArgument},
		"limit below need": {
			func(r *csi.CreateVolumeRequest) { r.CapacityRange.LimitBytes = mebibyte }, codes.InvalidArgument,
		},
		"empty source": {
			func(r *csi.CreateVolumeRequest) { r.VolumeContentSource = &csi.VolumeContentSource{} }, codes.InvalidArgument,
		},
		"other node": {
			func(r *csi.CreateVolumeRequest) { r.AccessibilityRequirements = elsewhere() }, codes.ResourceExhausted,
		},
	} {
		if _, err := plan(request(test.change), "node-1"); status.Code(err) != test.code {
			t.Errorf("%s: got %v, expected %v", name, err, test.code)
		}
	}
}

func TestPlans(t *testing.T) {
	const none = -1
	for name, test := range map[string]struct {
		change change
		mode   state.Mode
		fsType string
		stain  int
	}{
		"filesystem by default ext4": {func(*csi.CreateVolumeRequest) {}, state.Filesystem, "ext4", none},
		"filesystem by capability":   {capability(mount("xfs")), state.Filesystem, "xfs", none},
		"filesystem by parameter":    {parameter(fsTypeKey, "xfs"), state.Filesystem, "xfs", none},
		"no old data in filesystems": {parameter(stalePattern, "0xAA"), state.Filesystem, "ext4", none},
		"old data on devices": {
			both(capability(device()), parameter(stalePattern, "0xAA")), state.Block, "", 0xAA,
		},
		"zeros are holes": {
			both(capability(device()), parameter(stalePattern, "0")), state.Block, "", none,
		},
		"what sidecars add": {
			both(capability(device()), parameter("csi.storage.k8s.io/pvc/name", "disk")), state.Block, "", none,
		},
	} {
		planned, err := plan(request(test.change), "node-1")
		stain := none
		if planned.stain != nil {
			stain = int(*planned.stain)
		}
		if err != nil || planned.mode != test.mode || planned.fsType != test.fsType || stain != test.stain {
			t.Errorf("%s: got %+v, stain %#x, %v", name, planned, stain, err)
		}
	}
}

func TestSizes(t *testing.T) {
	xfs := wanted{required: 1, mode: state.Filesystem, fsType: "xfs"}
	xfsBounded := xfs
	xfsBounded.limit = mebibyte
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
		"XFS has a least size":  {xfs, nil, 300 * mebibyte, codes.OK},
		"XFS above its limit":   {xfsBounded, nil, 0, codes.OutOfRange},
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
