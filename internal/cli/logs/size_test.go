package logs

import "testing"

func TestSizes(t *testing.T) {
	for text, want := range map[string]size{
		"10MB": 10e6, "10 mb": 10e6, "8MiB": 8 << 20, "4KB": 4000, "1KiB": 1024, "2048": 2048, "2048B": 2048, "5GiB": 5 << 30,
	} {
		var got size
		if err := got.Set(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MB", "-1MB", "0", "1", "1.5MB", "6GiB", "99999999999999999999", "9223372036854775807GB", "1TB", "0x10KB"} {
		var got size
		if err := got.Set(text); err == nil {
			t.Errorf("%s: %d", text, got)
		}
	}
	if text := defaultText(); text != "10MB" {
		t.Error(text)
	}
}

func defaultText() string {
	s := size(10e6)
	return s.String()
}
