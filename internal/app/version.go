package app

import "runtime/debug"

// version is set at build time by the linker; see the Makefile.
var version = "0.1.0"

// Version returns the version of the program, with the revision it was built
// from where that is known.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return version + "+" + setting.Value[:12]
		}
	}
	return version
}
