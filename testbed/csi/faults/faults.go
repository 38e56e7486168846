// Package faults makes calls fail, hang or kill the driver on demand. The rules are a file that is read at every call:
//
//	{"CreateVolume": {"fail": "ResourceExhausted", "times": 3}, "NodePublishVolume": {"delayMs": 2000}}
package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Rule is what happens to the calls of one CSI method.
type Rule struct {
	// Match restricts the rule to requests whose text contains this, a claim's name for instance.
	Match string `json:"match,omitempty"`
	// Times is how many calls are hit; 0 for all of them.
	Times int `json:"times,omitempty"`
	// DelayMs passes before the call, or until the caller gives up.
	DelayMs int64 `json:"delayMs,omitempty"`
	// Fail is the name of a gRPC code that the call ends with, without having done anything.
	Fail    string `json:"fail,omitempty"`
	Message string `json:"message,omitempty"`
	// Crash is "before" or "after": the driver kills itself before the call begins, or when all is done and the caller
	// has not been told.
	Crash string `json:"crash,omitempty"`
}

const (
	crashBefore = "before"
	crashAfter  = "after"
)

// Injector applies the rules of one file.
type Injector struct {
	rules string
	hits  string
	mutex sync.Mutex
}

// hits is how often each rule of one edition of the file has struck; kept in a file, so that a crash is counted.
type hits struct {
	Edition string         `json:"edition"`
	Count   map[string]int `json:"count"`
}

// New reads rules from faults.json in dir and counts in faults-hit.json beside it.
func New(dir string) *Injector {
	return &Injector{rules: filepath.Join(dir, "faults.json"), hits: filepath.Join(dir, "faults-hit.json")}
}

// Intercept is the gRPC interceptor.
func (i *Injector) Intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	method := path.Base(info.FullMethod)
	rule, err := i.take(method, request)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "faults: %v", err)
	}
	if rule.DelayMs > 0 {
		select {
		case <-time.After(time.Duration(rule.DelayMs) * time.Millisecond):
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	if rule.Crash == crashBefore {
		die()
	}
	if rule.Fail != "" {
		return nil, rule.failure(method)
	}
	response, err := handler(ctx, request)
	if rule.Crash == crashAfter {
		die()
	}
	return response, err
}

func (r Rule) failure(method string) error {
	code, err := r.code()
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	message := r.Message
	if message == "" {
		message = fmt.Sprintf("%s fails on demand (faults.json)", method)
	}
	return status.Error(code, message)
}

func (r Rule) code() (codes.Code, error) {
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		if code.String() == r.Fail {
			return code, nil
		}
	}
	return 0, fmt.Errorf("faults.json: %q is not a gRPC code; write it like ResourceExhausted", r.Fail)
}

// take returns the rule that hits this call and counts the hit; the zero Rule when none does.
func (i *Injector) take(method string, request any) (Rule, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	content, err := os.ReadFile(i.rules)
	if errors.Is(err, os.ErrNotExist) {
		return Rule{}, nil
	}
	if err != nil {
		return Rule{}, err
	}
	var rules map[string]Rule
	if err := json.Unmarshal(content, &rules); err != nil {
		return Rule{}, fmt.Errorf("%s is not valid: %w", i.rules, err)
	}
	rule, found := rules[method]
	if !found || !strings.Contains(fmt.Sprint(request), rule.Match) {
		return Rule{}, nil
	}
	return i.count(method, rule)
}

func (i *Injector) count(method string, rule Rule) (Rule, error) {
	edition, err := edition(i.rules)
	if err != nil {
		return Rule{}, err
	}
	var before hits
	content, err := os.ReadFile(i.hits)
	if err == nil {
		err = json.Unmarshal(content, &before)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Rule{}, fmt.Errorf("read %s: %w", i.hits, err)
	}
	if before.Edition != edition {
		before = hits{Edition: edition, Count: map[string]int{}}
	}
	if rule.Times > 0 && before.Count[method] >= rule.Times {
		return Rule{}, nil
	}
	before.Count[method]++
	content, err = json.Marshal(before)
	if err != nil {
		return Rule{}, err
	}
	if err := os.WriteFile(i.hits+".new", content, 0o600); err != nil {
		return Rule{}, err
	}
	return rule, os.Rename(i.hits+".new", i.hits)
}

// edition changes whenever the file is written, even with the same content: a test that writes its rule again wants it
// to strike again.
func edition(file string) (string, error) {
	var info unix.Stat_t
	if err := unix.Stat(file, &info); err != nil {
		return "", fmt.Errorf("stat %s: %w", file, err)
	}
	return fmt.Sprintf("%d/%d/%d", info.Ino, info.Mtim.Nano(), info.Size), nil
}

// die ends the process as kill -9 does: no deferred call, no cleanup.
func die() {
	_ = unix.Kill(os.Getpid(), unix.SIGKILL)
	select {}
}
