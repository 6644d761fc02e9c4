package tokenstore

import (
	"context"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// keyed is a lock per key within this process. Unlike with a mutex, waiting ends with a context.
type keyed struct {
	mu    sync.Mutex
	slots map[core.TokenKey]chan struct{}
}

// lock waits for key's lock, or until ctx ends.
func (k *keyed) lock(ctx context.Context, key core.TokenKey) (unlock func(), err error) {
	k.mu.Lock()
	slot, ok := k.slots[key]
	if !ok {
		if k.slots == nil {
			k.slots = map[core.TokenKey]chan struct{}{}
		}
		slot = make(chan struct{}, 1)
		k.slots[key] = slot
	}
	k.mu.Unlock()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
