package fleet_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/pause"
)

// opened is a client of the tests.
type opened struct {
	environment, account string
	closed               int
}

func (o *opened) Close() error {
	o.closed++
	if o.account == "broken" {
		return errBroken
	}
	return nil
}

func TestClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var all []*opened
		clients := fleet.NewClients(func(ctx context.Context, environment, account string) (*opened, error) {
			_ = pause.For(ctx, time.Second)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, &opened{environment: environment, account: account})
			return all[len(all)-1], nil
		})
		tenants := []fleet.Tenant{
			{ID: "1", Environment: "charlie"},
			{ID: "2", Environment: "charlie"},
			{ID: "3", Environment: "delta"},
			{ID: "4", Environment: "charlie", Account: "acme"},
			{ID: "5", Environment: "charlie", Account: "broken"},
			{ID: "6"},
			{ID: "7"},
		}
		for range 2 {
			err := fleet.ForEach(t.Context(), tenants, 10, func(ctx context.Context, tenant fleet.Tenant) error {
				client, err := clients.For(ctx, tenant)
				if err == nil && (client.environment != tenant.Environment || client.account != tenant.Account) {
					t.Errorf("tenant %+v has the client %+v", tenant, client)
				}
				return err
			})
			if err != nil || len(all) != 5 {
				t.Errorf("%d clients, %v", len(all), err)
			}
		}
		if err := clients.Close(); !errors.Is(err, errBroken) {
			t.Error(err)
		}
		for _, client := range all {
			if client.closed != 1 {
				t.Errorf("%+v", client)
			}
		}
		if _, err := clients.For(t.Context(), tenants[0]); !errors.Is(err, fleet.ErrClosed) {
			t.Error(err)
		}
	})
}

// TestClientsThatDoNotOpen holds that an error is not kept, and that waiting ends.
func TestClientsThatDoNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		clients := fleet.NewClients(func(ctx context.Context, _, _ string) (int, error) {
			_ = pause.For(ctx, time.Second)
			if calls++; calls == 1 {
				return 0, errBroken
			}
			if calls == 2 {
				panic("at the disco")
			}
			return calls, nil
		})
		var waiting sync.WaitGroup
		defer waiting.Wait()
		waiting.Go(func() {
			if _, err := clients.For(t.Context(), fleet.Tenant{}); !errors.Is(err, errBroken) {
				t.Error(err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := clients.For(ctx, fleet.Tenant{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, err := clients.For(t.Context(), fleet.Tenant{}); !errors.Is(err, errBroken) {
			t.Error(err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_, _ = clients.For(t.Context(), fleet.Tenant{})
		}()
		if client, err := clients.For(t.Context(), fleet.Tenant{}); client != 3 || err != nil {
			t.Error(client, err)
		}
		if err := clients.Close(); err != nil {
			t.Error(err)
		}
	})
}
