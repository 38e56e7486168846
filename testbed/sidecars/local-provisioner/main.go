// Command local-provisioner serves the classes without CSI: a volume is a directory of the node, of the `local` kind.
//
// The in-tree host-path provisioner would need no program, but its directories belong to root with mode 0750 and its
// volume kind honours no fsGroup, so a pod that does not run as root can't write to them.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	name := flag.String("name", "local.testbed.dvflow.io", "the provisioner that classes name")
	node := flag.String("node", "", "the node that the directories are on")
	root := flag.String("root", "", "where the directories are made")
	health := flag.String("health", "", "address that answers /healthz")
	flag.Parse()
	if err := run(*kubeconfig, *name, *health, directories{root: *root, node: *node}); err != nil {
		fmt.Fprintln(os.Stderr, "local-provisioner:", err)
		os.Exit(1)
	}
}

func run(kubeconfig, name, health string, volumes directories) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading kubeconfig %s: %w", kubeconfig, err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for %s: %w", config.Host, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
		failed <- http.ListenAndServe(health, nil)
	}()
	logged := klog.NewContext(ctx, klog.Background())
	go controller.NewProvisionController(logged, client, name, volumes, controller.LeaderElection(false)).Run(logged)
	select {
	case err := <-failed:
		return fmt.Errorf("serving health on %s: %w", health, err)
	case <-ctx.Done():
		return nil
	}
}

// directories makes one directory a volume below root.
type directories struct {
	root string
	node string
}

func (d directories) Provision(_ context.Context, options controller.ProvisionOptions) (
	*corev1.PersistentVolume, controller.ProvisioningState, error) {
	if mode := options.PVC.Spec.VolumeMode; mode != nil && *mode == corev1.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished,
			fmt.Errorf("claim %s/%s: Block volumes are not served by this class", options.PVC.Namespace, options.PVC.Name)
	}
	path := filepath.Join(d.root, options.PVName)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("making volume %s: %w", options.PVName, err)
	}
	// Whatever the umask was: pods of any user write here, as with other provisioners of this kind.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("making volume %s: %w", options.PVName, err)
	}
	return d.volume(path, options), controller.ProvisioningFinished, nil
}

func (d directories) volume(path string, options controller.ProvisionOptions) *corev1.PersistentVolume {
	onNode := corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
		{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{d.node}},
	}}
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   options.PVC.Spec.AccessModes,
			MountOptions:                  options.StorageClass.MountOptions,
			Capacity: corev1.ResourceList{
				corev1.ResourceStorage: options.PVC.Spec.Resources.Requests[corev1.ResourceStorage],
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: path}},
			NodeAffinity: &corev1.VolumeNodeAffinity{
				Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{onNode}},
			},
		},
	}
}

func (d directories) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	if err := os.RemoveAll(filepath.Join(d.root, volume.Name)); err != nil {
		return fmt.Errorf("removing volume %s: %w", volume.Name, err)
	}
	return nil
}
