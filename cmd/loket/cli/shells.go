package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A script is shell code under construction.
type script struct{ strings.Builder }

func (s *script) line(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func (s *script) to(w io.Writer) error {
	if _, err := io.WriteString(w, s.String()); err != nil {
		return fmt.Errorf("write completion: %w", err)
	}
	return nil
}

// every gives the paths of all commands.
func every(all []position) []string {
	var paths []string
	for _, p := range all[1:] {
		paths = append(paths, p.path)
	}
	return paths
}

// names are the words that may stand at a place.
func names(words []word) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.name
	}
	return all
}

// quote makes text one word of any of the three shells.
func quote(text string) string {
	return "'" + strings.NewReplacer("'", "’", `\`, "", "\n", " ").Replace(text) + "'"
}

func writeBash(w io.Writer, all []position) error {
	s := &script{}
	s.line(`# bash completion for loket: source <(loket completion bash)`)
	s.line(`_loket() {`)
	s.line(`    local IFS=$'\n' cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" at="" i`)
	s.line(`    for ((i = 1; i < COMP_CWORD; i++)); do`)
	s.line(`        case "$at/${COMP_WORDS[i]}" in`)
	s.line(`            %s) at="$at/${COMP_WORDS[i]}" ;;`, strings.Join(every(all), " | "))
	s.line(`        esac`)
	s.line(`    done`)
	s.line(`    if [[ $cur == = ]]; then cur=""; elif [[ $prev == = ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi`)
	s.line(`    COMPREPLY=()`)
	s.line(`    case "$at $prev" in`)
	for _, p := range all {
		for _, f := range p.flags {
			if f.value {
				s.line(`        "%s %s") %s; return ;;`, p.path, f.name, bashValues(f.values, f.ask, f.files))
			}
		}
	}
	s.line(`    esac`)
	s.line(`    case "$at:$cur" in`)
	for _, p := range all {
		s.line(`        "%s":-*) COMPREPLY=($(compgen -W $'%s' -- "$cur")) ;;`, p.path, strings.Join(append(names(p.flags), "--help"), `\n`))
		s.line(`        "%s":*) %s ;;`, p.path, bashValues(append(names(p.commands), p.values...), p.ask, p.files))
	}
	s.line(`    esac`)
	s.line(`}`)
	s.line(`complete -F _loket loket`)
	return s.to(w)
}

func bashValues(values []string, ask string, files bool) string {
	switch {
	case ask != "":
		return fmt.Sprintf(`COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" complete %s 2>/dev/null)" -- "$cur"))`, ask)
	case files:
		return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))`
	case len(values) > 0:
		return fmt.Sprintf(`COMPREPLY=($(compgen -W $'%s' -- "$cur"))`, strings.Join(values, `\n`))
	}
	return ":"
}

func writeZsh(w io.Writer, all []position) error {
	s := &script{}
	s.line(`#compdef loket`)
	s.line(`# zsh completion for loket: loket completion zsh > a folder of fpath/_loket`)
	s.line(`_loket() {`)
	s.line(`    local at="" i`)
	s.line(`    local -a commands flags`)
	s.line(`    for ((i = 2; i < CURRENT; i++)); do`)
	s.line(`        case "$at/${words[i]}" in`)
	s.line(`            (%s) at="$at/${words[i]}" ;;`, strings.Join(every(all), "|"))
	s.line(`        esac`)
	s.line(`    done`)
	s.line(`    case "$at ${words[CURRENT-1]}" in`)
	for _, p := range all {
		for _, f := range p.flags {
			if f.value {
				s.line(`        ("%s %s") %s; return ;;`, p.path, f.name, zshValues(f.values, f.ask, f.files))
			}
		}
	}
	s.line(`    esac`)
	s.line(`    case "$at" in`)
	for _, p := range all {
		s.line(`        ("%s") commands=(%s) flags=(%s) ;;`, p.path, zshWords(p.commands), zshWords(append(slices.Clone(p.flags), word{name: "--help", help: "Show help."})))
	}
	s.line(`    esac`)
	s.line(`    if [[ ${words[CURRENT]} == -* ]]; then _describe -o flag flags; return; fi`)
	s.line(`    if (( ${#commands} )); then _describe command commands; return; fi`)
	s.line(`    case "$at" in`)
	for _, p := range all {
		if p.files || p.ask != "" || len(p.values) > 0 {
			s.line(`        ("%s") %s ;;`, p.path, zshValues(p.values, p.ask, p.files))
		}
	}
	s.line(`    esac`)
	s.line(`}`)
	s.line(`if [[ ${funcstack[1]} == _loket ]]; then _loket "$@"; else compdef _loket loket; fi`)
	return s.to(w)
}

func zshValues(values []string, ask string, files bool) string {
	switch {
	case ask != "":
		return fmt.Sprintf(`compadd -- ${(f)"$(loket complete %s 2>/dev/null)"}`, ask)
	case files:
		return "_files"
	case len(values) > 0:
		return "compadd -- " + strings.Join(values, " ")
	}
	return ":"
}

func zshWords(words []word) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = quote(w.name + ":" + w.help)
	}
	return strings.Join(all, " ")
}

func writeFish(w io.Writer, all []position) error {
	s := &script{}
	s.line(`# fish completion for loket: loket completion fish > ~/.config/fish/completions/loket.fish`)
	s.line(`function __loket_at`)
	s.line(`    set -l at ""`)
	s.line(`    for word in (commandline -opc)[2..-1]`)
	s.line(`        switch "$at/$word"`)
	s.line(`            case %s`, strings.Join(every(all), " "))
	s.line(`                set at "$at/$word"`)
	s.line(`        end`)
	s.line(`    end`)
	s.line(`    test "$at" = "$argv[1]"`)
	s.line(`end`)
	s.line(`complete -c loket -f`)
	for _, p := range all {
		here := fmt.Sprintf(`complete -c loket -n '__loket_at "%s"'`, p.path)
		for _, c := range p.commands {
			s.line(`%s -a %s -d %s`, here, c.name, quote(c.help))
		}
		if p.files {
			s.line(`%s -F`, here)
		}
		if len(p.values) > 0 {
			s.line(`%s -a %s`, here, quote(strings.Join(p.values, " ")))
		}
		if p.ask != "" {
			s.line(`%s -a %s`, here, fishAsks(p.ask))
		}
		for _, f := range p.flags {
			s.line(`%s -l %s%s -d %s`, here, strings.TrimPrefix(f.name, "--"), fishValue(f), quote(f.help))
		}
	}
	return s.to(w)
}

func fishValue(f word) string {
	switch {
	case !f.value:
		return ""
	case f.files:
		return " -r -F"
	case f.ask != "":
		return " -x -a " + fishAsks(f.ask)
	case len(f.values) > 0:
		return " -x -a " + quote(strings.Join(f.values, " "))
	}
	return " -x"
}

func fishAsks(what string) string { return "'(loket complete " + what + " 2>/dev/null)'" }
