package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// processes measures processes that start together without a token. One of them logs in, which takes
// 200 ms; the others wait for its token. Each process of the baseline logs in and waits as long for that.
func processes(b *bench) error {
	library, err := b.build("programs/library")
	if err != nil {
		return err
	}
	least, err := b.build("programs/baseline")
	if err != nil {
		return err
	}
	load := scaling{name: "processes", title: "Processes that start together", x: "processes", loads: []int{1, 8, 64}, rounds: b.scale(7, 2)}
	all, err := b.scaled(load, func(n int) []candidate {
		return []candidate{b.together("taegis", n, library, 1), b.together("baseline", n, least, n)}
	})
	if err != nil {
		return err
	}
	b.add(atMost(1.3, "the baseline's time").row("64 processes, cold, login of 200 ms", all[2], seconds, duration))
	return nil
}

// together returns a candidate that runs n processes without a token, which log in so many times.
func (b *bench) together(name string, n int, program string, logins int) candidate {
	return candidate{name, func() (s sample, err error) {
		home, err := os.MkdirTemp(b.dir, "cold-")
		if err != nil {
			return s, err
		}
		before, err := b.logins()
		if err != nil {
			return s, err
		}
		var running []*exec.Cmd
		start := time.Now()
		for range n {
			cmd := exec.CommandContext(b.ctx, program)
			cmd.Env = []string{
				"HOME=" + home, "TAEGIS_CONFIG_FILE=" + filepath.Join(home, "config"),
				"TAEGIS_API_URL=" + b.page(10), "CLIENT_ID=bench", "CLIENT_SECRET=secret",
			}
			if err := cmd.Start(); err != nil {
				return s, err
			}
			running = append(running, cmd)
		}
		for _, cmd := range running {
			err = errors.Join(err, cmd.Wait())
		}
		s.time = time.Since(start)
		after, countErr := b.logins()
		if after-before != logins {
			err = errors.Join(err, fmt.Errorf("%d logins", after-before))
		}
		return s, errors.Join(err, countErr)
	}}
}

// logins returns the number of tokens that the server has issued.
func (b *bench) logins() (int, error) {
	resp, err := http.Get(b.server + "/logins")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}
