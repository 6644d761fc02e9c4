//go:build darwin || linux

package terminal_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/core"
)

// questionVariable makes this test binary a program that prompts the user for its value.
const questionVariable = "TAEGIS_TEST_QUESTION"

func TestMain(m *testing.M) {
	if what := os.Getenv(questionVariable); what != "" {
		report := json.NewEncoder(os.NewFile(3, "report"))
		_ = report.Encode(program(what))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// outcome is the result of a program.
type outcome struct {
	Answers   []string
	Err       string
	Cancelled bool
	CanAsk    bool
	Stdin     string
}

var errGaveUp = errors.New("gave up")

// program prompts the user. It cancels when descriptor 4 is closed.
func program(what string) outcome {
	prompt := terminal.New(terminal.Options{NoBrowser: true, QR: what == "link"})
	result := outcome{CanAsk: prompt.CanPrompt()}
	if !result.CanAsk {
		return result
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		_, _ = io.ReadAll(os.NewFile(4, "give up"))
		cancel(errGaveUp)
	}()
	note := func(answer string, err error) {
		result.Answers = append(result.Answers, answer)
		if err != nil {
			result.Err = err.Error()
			result.Cancelled = errors.Is(err, core.ErrCancelled)
		}
	}
	switch what {
	case "text":
		note(prompt.AskText(ctx, "Username: "))
	case "secret":
		answer, err := prompt.AskSecret(ctx, "Password: ")
		note(answer.Reveal(), err)
	case "secret, then text":
		answer, err := prompt.AskSecret(ctx, "Password: ")
		note(answer.Reveal(), err)
		note(prompt.AskText(context.Background(), "Username: "))
	case "link":
		note("", prompt.ShowVerification(ctx, core.Verification{URI: "https://taegis.example/device?user_code=A-B", UserCode: "A-B"}))
	}
	stdin, _ := io.ReadAll(os.Stdin)
	result.Stdin = string(stdin)
	return result
}

// run is a program with a terminal of its own.
type run struct {
	t      *testing.T
	cmd    *exec.Cmd
	tty    *os.File
	screen strings.Builder
	report *bufio.Reader
	giveUp io.Closer
}

func start(t *testing.T, what string) *run {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	reports, report, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	end, giveUp, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), questionVariable+"="+what, "GORACE=atexit_sleep_ms=0")
	cmd.Stdin = strings.NewReader("data\n") // the questions are none of its business
	cmd.ExtraFiles = []*os.File{report, end}
	tty, err := pty.StartWithAttrs(cmd, nil, &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = report.Close(), end.Close()
	t.Cleanup(func() { _, _, _ = tty.Close(), reports.Close(), giveUp.Close() })
	return &run{t: t, cmd: cmd, tty: tty, report: bufio.NewReader(reports), giveUp: giveUp}
}

// await reads the screen until it contains text.
func (r *run) await(text string) {
	r.t.Helper()
	chunk := make([]byte, 1024)
	for !strings.Contains(r.screen.String(), text) {
		n, err := r.tty.Read(chunk)
		r.screen.Write(chunk[:n])
		if err != nil {
			r.t.Fatalf("%q is not on the screen: %q, %v", text, r.screen.String(), err)
		}
	}
}

func (r *run) press(keys string) {
	r.t.Helper()
	if _, err := io.WriteString(r.tty, keys); err != nil {
		r.t.Fatal(err)
	}
}

// end waits for the program and returns its outcome.
func (r *run) end() outcome {
	r.t.Helper()
	var result outcome
	drained := make(chan struct{})
	go func() { // a screen without a reader would block the program
		defer close(drained)
		rest, _ := io.ReadAll(r.tty) // a terminal without a program is an error on Linux
		r.screen.Write(rest)
	}()
	line, err := r.report.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &result)
	}
	if err = errors.Join(err, r.cmd.Wait()); err != nil {
		r.t.Fatalf("%v; screen: %q", err, r.screen.String())
	}
	<-drained
	return result
}

func TestTextIsShownAndStdinIsNotRead(t *testing.T) {
	r := start(t, "text")
	r.await("Username: ")
	r.press("ann@example.com\n")
	if result := r.end(); result.Answers[0] != "ann@example.com" || result.Stdin != "data\n" || result.Err != "" {
		t.Errorf("%+v", result)
	}
	if !strings.Contains(r.screen.String(), "Username: ann@example.com") {
		t.Errorf("screen: %q", r.screen.String())
	}
}

// The echo is off before the question is printed, so that an immediate answer is not shown.
func TestAFastAnswerIsNeverShown(t *testing.T) {
	const times = 100
	for range times {
		r := start(t, "secret")
		r.await("Password: ")
		r.press("s3cret\n")
		if result := r.end(); result.Answers[0] != "s3cret" || result.Stdin != "data\n" {
			t.Fatalf("%+v", result)
		}
		if screen := r.screen.String(); strings.Contains(screen, "s3cret") || !strings.HasSuffix(screen, "Password: \r\n") {
			t.Fatalf("screen: %q", screen)
		}
	}
	t.Logf("%d answers, none shown", times)
}

func TestAnInterruptedQuestionIsCancelled(t *testing.T) {
	for name, key := range map[string]string{"Ctrl-C": "\x03", "Ctrl-D": "\x04"} {
		for _, what := range []string{"text", "secret"} {
			t.Run(name+"/"+what, func(t *testing.T) {
				r := start(t, what)
				r.await(": ")
				r.press(key)
				if result := r.end(); !result.Cancelled {
					t.Errorf("%+v", result)
				}
			})
		}
	}
}

// Half a secret must not become the answer to the next question or a command of the shell.
func TestHalfASecretIsDiscarded(t *testing.T) {
	r := start(t, "secret, then text")
	r.await("Password: ")
	r.press("half")
	if err := r.giveUp.Close(); err != nil {
		t.Fatal(err)
	}
	r.await("Username: ")
	r.press("\n")
	result := r.end()
	if result.Answers[1] != "" || result.Err != errGaveUp.Error() || strings.Contains(r.screen.String(), "half") {
		t.Errorf("%+v; screen: %q", result, r.screen.String())
	}
}

func TestAVerificationIsShownAtOnce(t *testing.T) {
	r := start(t, "link")
	begin := time.Now()
	r.await("https://taegis.example/device?user_code=A-B\r\n")
	t.Logf("after %v", time.Since(begin))
	if result := r.end(); result.Err != "" {
		t.Errorf("%+v", result)
	}
	for _, part := range []string{"the code A-B", "█", "▀"} {
		if !strings.Contains(r.screen.String(), part) {
			t.Errorf("%q is not on the screen: %q", part, r.screen.String())
		}
	}
}

func TestWithoutATerminalThereIsNoPrompt(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), questionVariable+"=text")
	reports, report, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reports.Close()
	cmd.ExtraFiles = []*os.File{report}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	_ = report.Close()
	var result outcome
	if err := json.NewDecoder(reports).Decode(&result); err != nil || result.CanAsk {
		t.Errorf("%+v, %v", result, err)
	}
}
