package tokenstore

// Name returns "file".
func (f *File) Name() string { return "file" }

// Name returns "memory".
func (m *Memory) Name() string { return "memory" }
