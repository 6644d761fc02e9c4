package plugins

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// format is what the beginning of a program says about what it needs.
type format struct {
	kind    string // "ELF", "script", "Mach-O", "PE"; "" if it is none of these
	machine string // GOARCH of an ELF file, or its number
	loader  string // the program that loads or interprets it, "" for none
}

// machines are the names that Go has for the machines of ELF files.
var machines = map[uint16]string{
	3: "386", 8: "mips", 21: "ppc64", 22: "s390x", 40: "arm", 62: "amd64", 183: "arm64", 243: "riscv64", 258: "loong64",
}

// formatOf reads the beginning of a program. A file that cannot be read has no format.
func formatOf(path string) format {
	file, err := openProgram(path)
	if err != nil {
		return format{}
	}
	defer func() { _ = file.Close() }()
	start := make([]byte, 256)
	n, _ := file.ReadAt(start, 0) // a short file has no format either
	start = start[:n]
	switch {
	case bytes.HasPrefix(start, []byte("#!")):
		return format{kind: "script", loader: interpreter(start)}
	case bytes.HasPrefix(start, []byte("\x7fELF")) && n >= 64:
		return elfFormat(file, start)
	case bytes.HasPrefix(start, []byte("MZ")):
		return format{kind: "PE"}
	case n >= 4 && (binary.BigEndian.Uint32(start)|1 == 0xfeedfacf || binary.LittleEndian.Uint32(start)|1 == 0xfeedfacf):
		return format{kind: "Mach-O"}
	}
	return format{}
}

// interpreter returns the program that the first line of a script names.
func interpreter(start []byte) string {
	line, _, _ := bytes.Cut(start[2:], []byte("\n"))
	fields := strings.Fields(string(line))
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// elfFormat reads the header of an ELF file and the segment that names its loader.
func elfFormat(file io.ReaderAt, start []byte) format {
	order := binary.ByteOrder(binary.LittleEndian)
	if start[5] == 2 {
		order = binary.BigEndian
	}
	number := order.Uint16(start[18:])
	f := format{kind: "ELF", machine: machines[number]}
	if f.machine == "" {
		f.machine = fmt.Sprintf("machine %d", number)
	}
	if f.machine == "ppc64" && order == binary.LittleEndian {
		f.machine = "ppc64le"
	}
	wide := start[4] == 2
	at, size, count := uint64(order.Uint32(start[28:])), order.Uint16(start[42:]), order.Uint16(start[44:])
	if wide {
		at, size, count = order.Uint64(start[32:]), order.Uint16(start[54:]), order.Uint16(start[56:])
	}
	segment := make([]byte, 56)
	for i := range min(uint64(count), 64) {
		if _, err := file.ReadAt(segment, int64(at+i*uint64(size))); err != nil && err != io.EOF {
			return f
		}
		if order.Uint32(segment) != 3 { // PT_INTERP
			continue
		}
		offset, length := uint64(order.Uint32(segment[4:])), uint64(order.Uint32(segment[16:]))
		if wide {
			offset, length = order.Uint64(segment[8:]), order.Uint64(segment[32:])
		}
		name := make([]byte, min(length, 4096))
		n, _ := file.ReadAt(name, int64(offset))
		f.loader = string(bytes.TrimRight(name[:n], "\x00"))
	}
	return f
}

// foreign says for which system a program was built if that is another one than this; "" if it was
// built for this one, or cannot be told.
func (f format) foreign() string {
	switch {
	case f.kind == "ELF" && (runtime.GOOS == "darwin" || runtime.GOOS == "windows"):
		return "Linux or BSD"
	case f.kind == "ELF" && f.machine != runtime.GOARCH:
		return f.machine
	case f.kind == "Mach-O" && runtime.GOOS != "darwin":
		return "macOS"
	case f.kind == "PE" && runtime.GOOS != "windows":
		return "Windows"
	}
	return ""
}
