//! The resources that the process may use of the computer, or of its container.

use std::time::Duration;

/// Bytes of memory: those of the computer, or fewer where the container or the address space is smaller. `None` if
/// the system does not report it.
pub fn memory() -> Option<u64> {
    let memory = [computer(), container()].into_iter().flatten().min()?;
    // Half of what a pointer reaches: the application lives there too.
    let reach = u64::try_from(isize::MAX).unwrap_or(u64::MAX);
    Some(memory.min(reach))
}

#[cfg(unix)]
fn computer() -> Option<u64> {
    // SAFETY: a number goes in, and one comes out.
    let value = |name| u64::try_from(unsafe { libc::sysconf(name) }).ok();
    value(libc::_SC_PHYS_PAGES)?.checked_mul(value(libc::_SC_PAGESIZE)?)
}

#[cfg(windows)]
fn computer() -> Option<u64> {
    use windows_sys::Win32::System::SystemInformation::{GlobalMemoryStatusEx, MEMORYSTATUSEX};

    let mut status = MEMORYSTATUSEX {
        dwLength: u32::try_from(size_of::<MEMORYSTATUSEX>()).ok()?,
        ..MEMORYSTATUSEX::default()
    };
    // SAFETY: `status` says the length that the function expects.
    let known = unsafe { GlobalMemoryStatusEx(&mut status) } != 0;
    known.then_some(status.ullTotalPhys)
}

/// What control groups allow this process.
#[cfg(target_os = "linux")]
fn container() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    limit_of(&groups, |path| std::fs::read_to_string(path).ok())
}

#[cfg(not(target_os = "linux"))]
fn container() -> Option<u64> {
    None
}

/// The smallest limit of the groups in `groups` and of those above them. Inside of a container its own group is the
/// root, whatever path it has outside.
#[cfg(any(target_os = "linux", test))]
fn limit_of(groups: &str, read: impl Fn(&str) -> Option<String>) -> Option<u64> {
    let mut least: Option<u64> = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, file) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|name| name == "memory") {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let mut path = path.trim_end_matches('/');
        loop {
            let limit = read(&format!("{root}{path}/{file}"));
            // `max`, or a number as good as none, is no limit: the computer's memory is less.
            let limit = limit.and_then(|text| text.trim().parse::<u64>().ok());
            least = least.into_iter().chain(limit).min();
            match path.rfind('/') {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None => break,
            }
        }
    }
    least
}

/// Files and sockets that the process may have open; `None` if they are unlimited.
#[cfg(unix)]
pub fn open_files() -> Option<u64> {
    let mut limit = std::mem::MaybeUninit::<libc::rlimit>::zeroed();
    // SAFETY: `limit` is a place for the result.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, limit.as_mut_ptr()) } == 0;
    // SAFETY: it was written, or zeroed, which is as good.
    let limit = unsafe { limit.assume_init() }.rlim_cur;
    (known && limit != libc::RLIM_INFINITY).then_some(limit)
}

/// Files and sockets that the process may have open; `None` if they are unlimited.
#[cfg(windows)]
pub fn open_files() -> Option<u64> {
    None
}

/// CPU time of this thread so far.
#[cfg(unix)]
pub fn thread_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a place for what is read. It stays zero where there is no such clock.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// CPU time of this thread so far. The system counts it in ticks of its clock.
#[cfg(windows)]
pub fn thread_time() -> Duration {
    use windows_sys::Win32::Foundation::FILETIME;
    use windows_sys::Win32::System::Threading::{GetCurrentThread, GetThreadTimes};

    let [mut creation, mut exit, mut kernel, mut user] = [FILETIME::default(); 4];
    // SAFETY: it only gives a constant that stands for this thread.
    let thread = unsafe { GetCurrentThread() };
    // SAFETY: all four are places for what is read.
    unsafe { GetThreadTimes(thread, &mut creation, &mut exit, &mut kernel, &mut user) };
    // Ticks of 100 nanoseconds.
    let ticks =
        |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    Duration::from_nanos((ticks(kernel) + ticks(user)).saturating_mul(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_has_memory() {
        assert!(memory().is_some_and(|bytes| bytes >= 64 << 20));
    }

    #[test]
    fn a_thread_that_works_takes_cpu_time() {
        let before = thread_time();
        let start = std::time::Instant::now();
        // One tick of a coarse clock, and more.
        while start.elapsed() < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
        assert!(thread_time() > before);
    }

    /// The limit of these groups, given these files.
    fn limit(groups: &str, files: &[(&str, &str)]) -> Option<u64> {
        limit_of(groups, |path| {
            let file = files.iter().find(|(name, _)| *name == path);
            file.map(|(_, text)| (*text).to_owned())
        })
    }

    #[test]
    fn the_smallest_limit_of_a_group_and_those_above_it_counts() {
        let groups = "0::/user.slice/app.service\n";
        let app = "/sys/fs/cgroup/user.slice/app.service/memory.max";
        let above = "/sys/fs/cgroup/user.slice/memory.max";
        assert_eq!(
            limit(groups, &[(app, "max\n"), (above, "1000\n")]),
            Some(1000)
        );
        assert_eq!(
            limit(groups, &[(app, "500\n"), (above, "1000\n")]),
            Some(500)
        );
        assert_eq!(limit(groups, &[(app, "max\n")]), None);
        assert_eq!(limit("", &[]), None);
    }

    #[test]
    fn a_container_has_its_limit_at_the_root_in_both_versions() {
        let second = [("/sys/fs/cgroup/memory.max", "2097152\n")];
        assert_eq!(limit("0::/\n", &second), Some(2 << 20));
        assert_eq!(limit("0::/../docker/x\n", &second), Some(2 << 20));
        let first = [("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n")];
        let groups = "12:pids:/docker/x\n11:memory,hugetlb:/docker/x\n0::/\n";
        assert_eq!(limit(groups, &first), Some(1 << 20));
    }
}
