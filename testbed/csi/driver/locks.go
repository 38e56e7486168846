package driver

import (
	"context"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// locks serialises the calls about one volume or snapshot. A repeated call waits for the first, which goes on even when
// its caller has given up, and then finds the work done.
type locks struct {
	mutex sync.Mutex
	held  map[string]chan struct{}
}

// acquire waits for id until the caller gives up, and returns what releases it.
func (l *locks) acquire(ctx context.Context, id string) (release func(), err error) {
	for {
		l.mutex.Lock()
		busy, taken := l.held[id]
		if !taken {
			if l.held == nil {
				l.held = map[string]chan struct{}{}
			}
			done := make(chan struct{})
			l.held[id] = done
			l.mutex.Unlock()
			return func() { l.release(id, done) }, nil
		}
		l.mutex.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, status.Errorf(codes.Aborted, "another call about %s is still at work", id)
		}
	}
}

func (l *locks) release(id string, done chan struct{}) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.held, id)
	close(done)
}
