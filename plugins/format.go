package plugins

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
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
var machines = map[elf.Machine]string{
	elf.EM_386: "386", elf.EM_MIPS: "mips", elf.EM_PPC64: "ppc64", elf.EM_S390: "s390x", elf.EM_ARM: "arm",
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_RISCV: "riscv64", elf.EM_LOONGARCH: "loong64",
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
	case bytes.HasPrefix(start, []byte(elf.ELFMAG)):
		return elfFormat(file)
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

// elfFormat returns the machine of an ELF file, and the program that loads it. A file that is damaged
// has no format.
func elfFormat(file io.ReaderAt) format {
	header, err := elf.NewFile(file)
	if err != nil {
		return format{}
	}
	f := format{kind: "ELF", machine: machines[header.Machine]}
	switch {
	case f.machine == "":
		f.machine = header.Machine.String()
	case f.machine == "ppc64" && header.ByteOrder == binary.LittleEndian:
		f.machine = "ppc64le"
	}
	for _, segment := range header.Progs {
		if segment.Type == elf.PT_INTERP {
			name, _ := io.ReadAll(io.LimitReader(segment.Open(), maxLoader)) // what is cut off is not found
			f.loader = string(bytes.TrimRight(name, "\x00"))
		}
	}
	return f
}

// maxLoader is the longest path of a loader, in bytes.
const maxLoader = 4096

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
