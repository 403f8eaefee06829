package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// settings finds the values of flags that were not given: in the environment,
// then in the TOML file of serve --config.
type settings struct {
	env   map[string]string
	file  map[string]any // flag → value; read when serve is what runs
	read  bool
	fault error // of the file
}

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return "THINGWARD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment are the flags that have an environment variable: those
// that say how a server is reached or runs, not those of a single act.
func fromEnvironment(flag *kong.Flag) bool {
	return flag.Group != nil && flag.Name != "config-check" || flag.Name == "config"
}

// withVariable names the environment variable in the help of a flag.
func withVariable(value *kong.Value) string {
	if value.Flag == nil || !fromEnvironment(value.Flag) {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + variable(value.Flag.Name) + ")."
}

// Validate is part of kong.Resolver.
func (s *settings) Validate(*kong.Application) error { return nil }

// Resolve is part of kong.Resolver.
func (s *settings) Resolve(parsed *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if !fromEnvironment(flag) {
		return nil, nil
	}
	if value, ok := s.env[variable(flag.Name)]; ok && value != "" {
		return value, nil
	}
	if parent.Command == nil || parent.Command.Name != "serve" || flag.Name == "config" {
		return nil, nil
	}
	if !s.read {
		s.read = true
		s.fault = s.load(parsed, parent.Command)
	}
	if value, ok := s.file[flag.Name]; ok {
		return value, nil
	}
	return nil, nil
}

// load reads the configuration file and refuses every key that is no flag.
func (s *settings) load(parsed *kong.Context, serve *kong.Command) error {
	path := s.env[variable("config")]
	known := map[string]*kong.Flag{}
	for _, flag := range serve.Flags {
		known[flag.Name] = flag
		if given, ok := parsed.FlagValue(flag).(string); ok && flag.Name == "config" && given != "" {
			path = given
		}
	}
	if path == "" {
		return nil
	}
	content := map[string]any{}
	if _, err := toml.DecodeFile(path, &content); err != nil {
		return fmt.Errorf("read the configuration %s: %w", path, err)
	}
	var faults []error
	s.file = map[string]any{}
	for _, name := range sortedNames(content) {
		flag, ok := known[strings.ReplaceAll(name, "_", "-")]
		if !ok || flag.Name == "config" {
			faults = append(faults, fmt.Errorf("%s has an unknown key %q", path, name))
			continue
		}
		value, err := flagText(content[name])
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: the key %q %w", path, name, err))
			continue
		}
		s.file[flag.Name] = value
	}
	return errors.Join(faults...)
}

// flagText turns a value of the file into what could stand on the command
// line.
func flagText(value any) (any, error) {
	switch v := value.(type) {
	case string, bool:
		return v, nil
	case int64, float64:
		return fmt.Sprint(v), nil
	case []any:
		words := make([]string, 0, len(v))
		for _, element := range v {
			word, ok := element.(string)
			if !ok {
				return nil, errors.New("must be a list of texts")
			}
			words = append(words, word)
		}
		return strings.Join(words, ","), nil
	}
	return nil, errors.New("must be a text, a number, true, false or a list of texts")
}
