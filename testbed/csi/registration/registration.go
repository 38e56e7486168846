// Package registration announces the driver to the kubelet through its plugin directory, as node-driver-registrar does
// for drivers that run in pods.
package registration

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"google.golang.org/grpc"
	registerapi "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// Socket is where the kubelet looks for the driver.
func Socket(dir, driver string) string { return filepath.Join(dir, driver+"-reg.sock") }

// Register adds the registration service to server.
func Register(server *grpc.Server, driver, endpoint string) {
	registerapi.RegisterRegistrationServer(server, &announcement{driver: driver, endpoint: endpoint})
}

type announcement struct {
	registerapi.UnimplementedRegistrationServer
	driver   string
	endpoint string
}

func (a *announcement) GetInfo(context.Context, *registerapi.InfoRequest) (*registerapi.PluginInfo, error) {
	return &registerapi.PluginInfo{
		Type:              registerapi.CSIPlugin,
		Name:              a.driver,
		Endpoint:          a.endpoint,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

// NotifyRegistrationStatus only reports: the kubelet tries again by itself.
func (a *announcement) NotifyRegistrationStatus(_ context.Context, result *registerapi.RegistrationStatus,
) (*registerapi.RegistrationStatusResponse, error) {
	if result.PluginRegistered {
		slog.Info("registered with the kubelet", "driver", a.driver)
	} else {
		slog.Error(fmt.Sprintf("the kubelet refused driver %s at %s", a.driver, a.endpoint), "reason", result.Error)
	}
	return &registerapi.RegistrationStatusResponse{}, nil
}
