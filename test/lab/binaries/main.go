// One binary that is every Kubernetes component the lab runs, chosen by the name it is called by or by its first
// argument. One process still runs one component: signal handlers and feature gates are global.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	_ "time/tzdata"

	"github.com/spf13/cobra"
	etcdctl "go.etcd.io/etcd/etcdctl/v3/ctlv3"
	"go.etcd.io/etcd/etcdutl/v3/etcdutl"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	name := filepath.Base(os.Args[0])
	if _, known := components[name]; !known {
		if len(os.Args) < 2 {
			usage()
		}
		name = os.Args[1]
		os.Args = os.Args[1:]
	}
	run, known := components[name]
	if !known {
		usage()
	}
	run()
}

var components = map[string]func(){
	"etcd":                    func() { etcdmain.Main(os.Args) },
	"etcdctl":                 etcdctl.MustStart,
	"etcdutl":                 func() { execute(newEtcdutlCommand()) },
	"kube-apiserver":          func() { execute(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() { execute(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() { execute(scheduler.NewSchedulerCommand()) },
	"kube-proxy":              func() { execute(proxy.NewProxyCommand()) },
	"kubelet":                 func() { execute(kubelet.NewKubeletCommand(context.Background())) },
	"kubectl":                 func() { execute(kubectl.NewDefaultKubectlCommand()) },
}

func execute(command *cobra.Command) {
	os.Exit(cli.Run(command))
}

// The lab restores snapshots; of etcdutl it needs nothing else.
func newEtcdutlCommand() *cobra.Command {
	command := &cobra.Command{Use: "etcdutl"}
	command.PersistentFlags().StringVarP(&etcdutl.OutputFormat, "write-out", "w", "simple", "set the output format")
	command.AddCommand(etcdutl.NewSnapshotCommand())
	return command
}

func usage() {
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "usage: kubernetes %s [flags]\n", strings.Join(names, " | "))
	os.Exit(2)
}
