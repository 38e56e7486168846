// Package driver is the CSI driver of the testbed: sparse files behind loop devices on the one node there is.
package driver

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/faults"
	"dvflow.io/testbed/csi/filesystem"
	"dvflow.io/testbed/csi/state"
)

// TopologyKey names the segment that says which node a volume lies on.
const TopologyKey = "topology.testbed.dvflow.io/node"

// Config is what the driver is told once.
type Config struct {
	Name   string
	NodeID string
	// CapacityBytes bounds the sum of all volumes; 0 leaves the bound to the filesystem below.
	CapacityBytes int64
}

// NewServer recovers the state directory and returns a server with the three CSI services.
func NewServer(config Config, store *state.Store) (*grpc.Server, error) {
	if err := recoverState(store); err != nil {
		return nil, fmt.Errorf("recover %s: %w", store.Dir(), err)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(logCalls, faults.New(store.Dir()).Intercept, classify))
	shared := &locks{}
	csi.RegisterIdentityServer(server, &identity{name: config.Name})
	csi.RegisterControllerServer(server, &controller{config: config, store: store, locks: shared})
	csi.RegisterNodeServer(server, &node{config: config, store: store, locks: shared})
	return server, nil
}

// recoverState also thaws: a driver killed while it copied a volume left the writers of that volume waiting.
func recoverState(store *state.Store) error {
	if err := store.Recover(); err != nil {
		return err
	}
	volumes, err := store.Volumes()
	if err != nil {
		return err
	}
	for _, volume := range volumes {
		if volume.Mode != state.Filesystem || volume.StagedAt == "" {
			continue
		}
		_, mounted, err := filesystem.At(volume.StagedAt)
		if err == nil && mounted {
			err = filesystem.Thaw(volume.StagedAt)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// logCalls leaves out the request: it may carry secrets.
func logCalls(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	response, err := handler(ctx, request)
	call := slog.With("method", path.Base(info.FullMethod), "of", subject(request), "took", time.Since(start))
	if err != nil {
		call.Error("call failed", "error", err)
	} else {
		call.Debug("call done")
	}
	return response, err
}

func subject(request any) string {
	switch typed := request.(type) {
	case interface{ GetVolumeId() string }:
		return typed.GetVolumeId()
	case interface{ GetSnapshotId() string }:
		return typed.GetSnapshotId()
	case interface{ GetName() string }:
		return typed.GetName()
	default:
		return ""
	}
}

// classify gives errors of the machine a gRPC code; those the services chose keep theirs.
func classify(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	response, err := handler(ctx, request)
	if err == nil {
		return response, nil
	}
	if _, chosen := status.FromError(err); chosen {
		return nil, err
	}
	if outOfSpace(err) {
		return nil, status.Error(codes.ResourceExhausted, err.Error())
	}
	return nil, status.Error(codes.Internal, err.Error())
}
