// Command coredns is the cluster DNS of the testbed: CoreDNS with only the plugins that its Corefile names.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

// The order is the order in which plugins see a query, whatever the order in the Corefile.
func init() {
	dnsserver.Directives = []string{"bind", "errors", "ready", "cache", "kubernetes", "hosts", "template"}
}

func main() {
	coremain.Run()
}
