package store

import "syscall"

// tied makes the kernel end the child when this process ends, however that happens, and keeps a Ctrl-C in the
// terminal from reaching the child before this process has finished with it.
func tied() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
