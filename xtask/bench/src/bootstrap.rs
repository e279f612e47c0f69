//! One running bootstrap and what it costs: processor time and memory as the
//! kernel counts them.

use anyhow::Context as _;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

/// A started bootstrap; it ends with this value.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    child: Child,
    pid: u32,
}

/// A share of one processor, as Lambda gives it to a small function.
#[derive(Debug)]
pub(crate) struct CpuShare {
    folder: PathBuf,
}

impl CpuShare {
    /// 7.2 % of a processor: what 128 MB of 1,769 MB are. None where the
    /// machine does not let us make a control group.
    pub(crate) fn of_128_mb() -> Option<Self> {
        let name = format!("posthorn-bench-{}", std::process::id());
        let v1 = Path::new("/sys/fs/cgroup/cpu").join(&name);
        if fs::create_dir(&v1).is_ok() {
            let limited = fs::write(v1.join("cpu.cfs_period_us"), "20000").is_ok()
                && fs::write(v1.join("cpu.cfs_quota_us"), "1440").is_ok();
            return limited.then_some(Self { folder: v1 });
        }
        let v2 = Path::new("/sys/fs/cgroup").join(&name);
        fs::create_dir(&v2).ok()?;
        fs::write(v2.join("cpu.max"), "1440 20000")
            .is_ok()
            .then_some(Self { folder: v2 })
    }

    fn admit_process(&self, pid: u32) -> anyhow::Result<()> {
        fs::write(self.folder.join("cgroup.procs"), pid.to_string())
            .context("cannot limit the bootstrap")
    }
}

impl Drop for CpuShare {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir(&self.folder) {
            eprintln!("could not remove {}: {error}", self.folder.display());
        }
    }
}

impl Bootstrap {
    /// Starts `binary` with `variables`, in `share` if given.
    pub(crate) async fn start(
        binary: &Path,
        variables: &[(String, String)],
        share: Option<&CpuShare>,
    ) -> anyhow::Result<Self> {
        let mut command = if share.is_some() {
            // A shell that waits for a line before it becomes the bootstrap, so
            // that this is inside its share from the first instruction on.
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", "read line && exec \"$0\""]).arg(binary);
            shell
        } else {
            Command::new(binary)
        };
        let mut child = command
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let pid = child.id().context("the bootstrap ended at once")?;
        if let Some(share) = share {
            share.admit_process(pid)?;
            let mut input = child.stdin.take().context("the bootstrap has no input")?;
            input.write_all(b"go\n").await?;
        }
        Ok(Self { child, pid })
    }

    /// Processor time of all its threads so far.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        let mut total = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            let nanoseconds: u64 = text
                .split_whitespace()
                .next()
                .context("schedstat is empty")?
                .parse()?;
            total += nanoseconds;
        }
        Ok(Duration::from_nanos(total))
    }

    /// The most memory it ever had resident, in KiB.
    pub(crate) fn peak_memory_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .context("no VmHWM in status")?;
        Ok(line
            .split_whitespace()
            .nth(1)
            .context("VmHWM is empty")?
            .parse()?)
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("cannot end the bootstrap")
    }
}
