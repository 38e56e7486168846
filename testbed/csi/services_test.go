package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	registerapi "k8s.io/kubelet/pkg/apis/pluginregistration/v1"

	"dvflow.io/testbed/csi/faults"
)

func TestKubeletFindsTheDriver(t *testing.T) {
	m := newMachine(t)
	_, err := m.Probe(t.Context(), &csi.ProbeRequest{})
	must(t, err)
	socket := filepath.Join(m.root, "kubelet/plugins_registry/csi.testbed.dvflow.io-reg.sock")
	conn, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	must(t, err)
	defer conn.Close()
	plugin, err := registerapi.NewRegistrationClient(conn).GetInfo(t.Context(), &registerapi.InfoRequest{})
	must(t, err)
	if plugin.GetType() != "CSIPlugin" || plugin.GetName() != "csi.testbed.dvflow.io" ||
		plugin.GetEndpoint() != m.socket() {
		t.Errorf("the driver announces %v", plugin)
	}
}

func TestFaultsStrikeAsOftenAsAsked(t *testing.T) {
	m := newMachine(t)
	volume, spared := m.volume("pvc-1", block(), mib), m.volume("pvc-2", block(), mib)
	rule := map[string]faults.Rule{"CreateVolume": {Fail: "ResourceExhausted", Times: 2, Match: "pvc-1"}}
	for range 2 { // written again, the same rule strikes again
		m.setFaults(rule)
		wantCode(t, volume.create(), codes.ResourceExhausted, "fails on demand")
		must(t, spared.create())
		m.kill() // which does not start the count anew
		wantCode(t, volume.create(), codes.ResourceExhausted, "fails on demand")
		must(t, volume.create())
		must(t, volume.remove())
	}
	must(t, spared.remove())
}

func TestFaultsDelay(t *testing.T) {
	m := newMachine(t)
	volume := m.volume("pvc-1", block(), mib)
	m.setFaults(map[string]faults.Rule{"CreateVolume": {DelayMs: 300}})
	start := time.Now()
	must(t, volume.create())
	if took := time.Since(start); took < 300*time.Millisecond {
		t.Errorf("the call took %s", took)
	}
	must(t, volume.remove())
}

func TestFaultThatIsNotOneIsReported(t *testing.T) {
	m := newMachine(t)
	m.setFaults(map[string]faults.Rule{"CreateVolume": {Fail: "NoSuchCode"}})
	wantCode(t, m.volume("pvc-1", block(), mib).create(), codes.Internal, "is not a gRPC code")
}
