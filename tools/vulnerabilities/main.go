// Command vulnerabilities searches the code that the module calls for known vulnerabilities, with
// govulncheck:
//
//	go -C tools run ./vulnerabilities
//
// It uses the public database at https://vuln.go.dev. If that does not respond, it uses a copy in the
// tree, vulndb.tar.gz, and prints the copy's date. The copy is the Go vulnerability database
// (https://github.com/golang/vulndb), licensed under CC BY 4.0. Replace it by a newer one regularly.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const public = "https://vuln.go.dev"

// copiedOn is the date of the copy.
const copiedOn = "2026-08-20"

//go:embed vulndb.tar.gz
var copied []byte

func main() {
	dir := flag.String("dir", "..", "root of the module to look at")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "vulnerabilities:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	database := public
	if err := answers(public + "/index/db.json"); err != nil {
		folder, err := unpacked()
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		database = "file://" + filepath.ToSlash(folder)
		fmt.Printf("%s does not answer; the copy of %s in the tree is used\n", public, copiedOn)
	}
	tools, err := filepath.Abs("go.mod")
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "tool", "-modfile="+tools, "govulncheck", "-test", "-db", database, "./...")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stdout, os.Stderr
	return cmd.Run()
}

func answers(url string) error {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// unpacked writes the copy of the database to a new folder, because govulncheck reads folders.
func unpacked() (_ string, err error) {
	folder, err := os.MkdirTemp("", "vulndb-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	zipped, err := gzip.NewReader(bytes.NewReader(copied))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(zipped); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return folder, nil
		}
		if err != nil {
			return "", err
		}
		if err := unpack(folder, file, files); err != nil {
			return "", err
		}
	}
}

func unpack(folder string, header *tar.Header, content io.Reader) error {
	if !filepath.IsLocal(header.Name) {
		return fmt.Errorf("%q is outside of its archive", header.Name)
	}
	name := filepath.Join(folder, filepath.FromSlash(header.Name))
	if header.Typeflag == tar.TypeDir {
		return os.MkdirAll(name, 0o700)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}
