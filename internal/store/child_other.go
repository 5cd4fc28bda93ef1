//go:build !linux

package store

import "syscall"

// tied keeps a Ctrl-C in the terminal from reaching the child first. Here the kernel cannot end the child with this
// process: after a kill -9 the next one finds its directory in use until the child was ended by hand.
func tied() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
