package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dvflow.io/testbed/csi/faults"
)

// step is one call of a volume's life.
type step struct {
	name string
	call func() error
}

// life is every call there is, over a volume, its snapshot and its clone, with the contents compared on the way.
func life(t *testing.T, m *machine, v *volume) []step {
	content := noise(2 * mib)
	snapshot, clone := v.copyOf("pvc-2", nil, ordinary), v.copyOf("pvc-3", nil, 2*ordinary)
	compare := func(v *volume) func() error {
		return func() error {
			wantBytes(t, v.name, v.read(mib, len(content)), content)
			return nil
		}
	}
	var steps []step
	add := func(name string, call func() error) { steps = append(steps, step{name, call}) }
	bringUp := func(name string, v *volume) {
		add("create "+name, v.create)
		add("stage "+name, v.stage)
		add("publish "+name, v.publish)
	}
	takeDown := func(name string, v *volume) {
		add("unpublish "+name, v.unpublish)
		add("unstage "+name, v.unstage)
		add("delete "+name, v.remove)
	}
	bringUp("original", v)
	add("write original", func() error { v.write(content, mib); return nil })
	add("take snapshot", func() (err error) { snapshot.source, err = v.snapshot("snap-1"); return err })
	if v.growsOnline() {
		add("expand original", func() error { return v.expand(ordinary + 32*mib) })
	}
	add("name the clone's source", func() error { clone.source = v.asSource(); return nil })
	bringUp("restored", snapshot)
	bringUp("clone", clone)
	add("compare restored", compare(snapshot))
	add("compare clone", compare(clone))
	add("compare original", compare(v))
	takeDown("original", v)
	add("delete snapshot", func() error { m.removeSnapshot(snapshot.source); return nil })
	takeDown("restored", snapshot)
	takeDown("clone", clone)
	return steps
}

func TestKilledBetweenAnyTwoCalls(t *testing.T) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			for _, step := range life(t, m, m.volume("pvc-1", shape(), ordinary)) {
				m.kill()
				if err := step.call(); err != nil {
					t.Fatalf("%s: %v", step.name, err)
				}
			}
		})
	}
}

func TestKilledAtEveryCallOnce(t *testing.T) {
	for _, moment := range []string{"before", "after"} {
		for name, shape := range shapes() {
			t.Run(moment+" "+name, func(t *testing.T) {
				m := newMachine(t)
				kills := 0
				for _, step := range life(t, m, m.volume("pvc-1", shape(), ordinary)) {
					if step.name == "delete snapshot" { // takes its own error as final
						must(t, step.call())
						continue
					}
					m.setFaults(crashOnce(moment))
					for err := step.call(); err != nil; err = step.call() {
						if status.Code(err) != codes.Unavailable {
							t.Fatalf("%s: %v", step.name, err)
						}
						kills++
						m.succeed()
					}
				}
				if kills < 15 {
					t.Errorf("%d kills; expected one at each call", kills)
				}
			})
		}
	}
}

func crashOnce(moment string) map[string]faults.Rule {
	rules := map[string]faults.Rule{}
	for _, method := range []string{
		"CreateVolume", "DeleteVolume", "ControllerExpandVolume", "CreateSnapshot", "NodeStageVolume",
		"NodePublishVolume", "NodeExpandVolume", "NodeUnpublishVolume", "NodeUnstageVolume",
	} {
		rules[method] = faults.Rule{Crash: moment, Times: 1}
	}
	return rules
}

// Kills fall at random into the first milliseconds of the calls, which is where their steps are.
func TestKilledInTheMiddleOfCalls(t *testing.T) {
	for seed := range uint64(3) {
		for name, shape := range shapes() {
			t.Run(fmt.Sprintf("seed %d %s", seed, name), func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 0))
				m := newMachine(t)
				for _, step := range life(t, m, m.volume("pvc-1", shape(), ordinary)) {
					if step.name != "delete snapshot" {
						for range 3 {
							m.killDuring(step, time.Duration(random.IntN(12000))*time.Microsecond)
						}
					}
					if err := step.call(); err != nil {
						t.Fatalf("%s: %v", step.name, err)
					}
				}
			})
		}
	}
}

// killDuring starts the step, kills the driver after a while, and returns when the step has its answer, whatever it is.
func (m *machine) killDuring(step step, delay time.Duration) {
	answered := make(chan error, 1)
	go func() { answered <- step.call() }()
	<-time.After(delay)
	m.kill()
	if err := <-answered; err != nil && status.Code(err) != codes.Unavailable {
		m.t.Errorf("%s, killed after %s: %v", step.name, delay, err)
	}
}

func TestSecondDriverOnTheSameStateWaits(t *testing.T) {
	m := newMachine(t)
	second := m.command("--node-id", "n", "--endpoint", "unix://"+m.socket()+"2")
	log, err := second.StderrPipe()
	must(t, err)
	must(t, second.Start())
	line, err := bufio.NewReader(log).ReadString('\n')
	must(t, err)
	if !strings.Contains(line, "waiting for another driver") {
		t.Errorf("the second driver says %q", line)
	}
	must(t, second.Process.Kill())
	_ = second.Wait() // killed
}
