#define _GNU_SOURCE
#include "include/CKernels.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

// The steps of the child before it becomes another program: only what is safe after a fork in a process with threads.
static void become(
    const char *program, char *const words[], char *const environment[], int output, int errors, int parent) {
    setsid();
#if defined(__linux__)
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return;
#endif
    if (getppid() != parent) _exit(1);
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
        return;
    if (nothing > STDERR_FILENO) close(nothing);
    execve(program, words, environment);
}

int bw_child_start(const char *program, char *const words[], char *const environment[], int output, int errors) {
    int failure[2];
    if (pipe(failure) != 0) return -1;
    fcntl(failure[0], F_SETFD, FD_CLOEXEC);
    fcntl(failure[1], F_SETFD, FD_CLOEXEC);
    const int parent = getpid();
    const int child = fork();
    if (child == 0) {
        become(program, words, environment, output, errors, parent);
        const int reason = errno;
        // the parent reads nothing where this fails, and sees the status
        if (write(failure[1], &reason, sizeof reason) < 0) _exit(126);
        _exit(127);
    }
    int reason = child < 0 ? errno : 0;
    close(failure[1]);
    // the pipe closes when the child has become the program
    if (child > 0) {
        ssize_t got;
        do got = read(failure[0], &reason, sizeof reason);
        while (got < 0 && errno == EINTR);
        if (got != sizeof reason) reason = 0;
        if (reason != 0) waitpid(child, NULL, 0);
    }
    close(failure[0]);
    errno = reason;
    return reason == 0 ? child : -1;
}

int bw_end_with_parent(void) {
#if defined(__linux__)
    const int parent = getppid();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return 1;
    return getppid() == parent;
#else
    return 1;
#endif
}

int bw_child_has_ended(int process) {
    siginfo_t end;
    memset(&end, 0, sizeof end);
    return waitid(P_PID, (id_t)process, &end, WEXITED | WNOHANG | WNOWAIT) != 0 ? errno == ECHILD : end.si_pid == process;
}
