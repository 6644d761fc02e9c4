package tokenstore

import (
	"context"
	"sync"
)

// keyed is a lock per key within this process. Unlike with a mutex, waiting ends with a context. A
// key is kept only while it is locked or waited for.
type keyed[K comparable] struct {
	mu    sync.Mutex
	slots map[K]*slot
}

// slot is the lock of one key.
type slot struct {
	held  chan struct{} // has an element while the lock is held
	users int           // callers that hold it or wait; guarded by keyed.mu
}

// lock waits for key's lock, or until ctx ends.
func (k *keyed[K]) lock(ctx context.Context, key K) (unlock func(), err error) {
	s := k.enter(key)
	select {
	case s.held <- struct{}{}:
		return func() { <-s.held; k.leave(key, s) }, nil
	case <-ctx.Done():
		k.leave(key, s)
		return nil, context.Cause(ctx)
	}
}

func (k *keyed[K]) enter(key K) *slot {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.slots[key]
	if !ok {
		if k.slots == nil {
			k.slots = map[K]*slot{}
		}
		s = &slot{held: make(chan struct{}, 1)}
		k.slots[key] = s
	}
	s.users++
	return s
}

func (k *keyed[K]) leave(key K, s *slot) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(k.slots, key)
	}
}
