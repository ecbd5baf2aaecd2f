// Prints, as JSON, how long client-go's informer takes until it has the EndpointSlices of a server, and how much memory
// it keeps of them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func run(server string) error {
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server, QPS: 1000, Burst: 1000})
	if err != nil {
		return err
	}
	before := heapBytes()
	start := time.Now()
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Discovery().V1().EndpointSlices().Informer()
	stop := make(chan struct{})
	defer close(stop)
	factory.Start(stop)
	for !informer.HasSynced() {
		time.Sleep(time.Millisecond)
		if time.Since(start) > 2*time.Minute {
			return fmt.Errorf("%s: not synced within two minutes", server)
		}
	}
	var endpoints int
	took := time.Since(start)
	objects := informer.GetStore().List()
	endpoints = len(objects)
	objects = nil
	kept := heapBytes() - before
	runtime.KeepAlive(informer)
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"ms":     float64(took.Microseconds()) / 1000,
		"bytes":  kept,
		"slices": endpoints,
	})
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
