package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/subprocess"
)

// secret says where a secret comes from. The configuration never contains the secret itself.
type secret struct {
	// Variable is the name of an environment variable.
	Variable string `toml:"variable"`
	// Command is a program with its arguments, which prints the secret.
	Command []string `toml:"command"`
}

// secretTime is how long a program may take to print a secret.
const secretTime = time.Minute

// check looks for what is missing or too much.
func (s *secret) check() error {
	switch {
	case s.Variable == "" && len(s.Command) == 0:
		return errors.New("it is missing: name an environment variable by variable, or a program by command")
	case s.Variable != "" && len(s.Command) > 0:
		return errors.New("variable and command are both there: use one of them")
	}
	return nil
}

// read returns the secret.
func (s *secret) read(ctx context.Context) (core.Secret, error) {
	if s.Variable != "" {
		value := strings.TrimSpace(os.Getenv(s.Variable))
		if value == "" {
			return core.Secret{}, fmt.Errorf("the environment variable %s is not set", s.Variable)
		}
		return core.NewSecret(value), nil
	}
	ctx, cancel := context.WithTimeout(ctx, secretTime)
	defer cancel()
	program := subprocess.Command(ctx, s.Command, os.Environ())
	var printed bytes.Buffer
	program.Stdout = &printed
	if err := program.Run(); err != nil {
		return core.Secret{}, fmt.Errorf("the program %s: %w", s.Command[0], err)
	}
	value := strings.TrimSpace(printed.String())
	if value == "" {
		return core.Secret{}, fmt.Errorf("the program %s printed nothing", s.Command[0])
	}
	return core.NewSecret(value), nil
}

// secret returns a secret of the configuration, or none if secrets are not read.
func (b *builder) secret(key string, s *secret) (core.Secret, error) {
	if err := s.check(); err != nil {
		return core.Secret{}, b.wrapped(key, err)
	}
	if !b.secrets {
		return core.Secret{}, nil
	}
	value, err := s.read(context.Background())
	return value, b.wrapped(key, err)
}

// headersFunc returns headers for a request.
type headersFunc = func(context.Context) (map[string]core.Secret, error)

// headers returns a function that reads headers from their variables and programs.
func (b *builder) headers(key string, from map[string]secret) (headersFunc, error) {
	if len(from) == 0 {
		return nil, nil
	}
	for name, s := range from {
		if err := s.check(); err != nil {
			return nil, b.wrapped(key+"."+name, err)
		}
	}
	return func(ctx context.Context) (map[string]core.Secret, error) {
		headers := map[string]core.Secret{}
		for name, s := range from {
			value, err := s.read(ctx)
			if err != nil {
				return nil, b.wrapped(key+"."+name, err)
			}
			headers[name] = value
		}
		return headers, nil
	}, nil
}
