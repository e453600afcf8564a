//! Start-up time, idle memory and size of the release build.

use crate::{
    install,
    shell::{cargo, run as shell, target_dir},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const TOO_LONG: Duration = Duration::from_mins(1);
const SETTLED: Duration = Duration::from_secs(3);

/// Builds unless there is a program already, measures, prints.
pub(crate) fn run(runs: u32, binary: Option<PathBuf>) -> Result<()> {
    let program = binary.map_or_else(build, |path| Ok(path.canonicalize()?))?;
    let folder = target_dir().join("measure");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let (first, _) = Start::measure(&program, &folder)?;
    let mut starts = (0..runs.max(1)).map(|_| Start::measure(&program, &folder)).collect::<Result<Vec<_>>>()?;
    starts.sort_by_key(|(time, _)| *time);
    print(first, &starts, fs::metadata(&program)?.len());
    Ok(())
}

fn build() -> Result<PathBuf> {
    install::make()?;
    shell(&mut cargo(&["build", "--release", "--package", "rekey"]))?;
    Ok(target_dir().join("release/rekey"))
}

fn print(first: Duration, starts: &[(Duration, u64)], size: u64) {
    let (median, worst) = (starts[starts.len() / 2].0, starts[starts.len() - 1].0);
    let memory = starts.iter().map(|(_, memory)| *memory).max().unwrap_or_default();
    println!("\n| measured | value |\n|---|---|");
    println!("| first start (makes keys, databases and accounts), exec to ready | {} ms |", first.as_millis());
    println!("| later starts, exec to ready: median, worst of {} | {} ms, {} ms |", starts.len(), median.as_millis(), worst.as_millis());
    println!("| idle memory, resident, worst | {} MB |", megabytes(memory * 1024));
    println!("| the binary, stripped | {} MB |", megabytes(size));
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

/// A running program, killed when dropped.
struct Start(Child);

impl Start {
    /// From exec to the first 200 of `/readyz` with HTTPS listening; then the resident KiB once it has settled.
    fn measure(program: &Path, folder: &Path) -> Result<(Duration, u64)> {
        let (gateway, admin) = (free_port()?, free_port()?);
        let config = configuration(folder, gateway, admin)?;
        let output = fs::File::create(folder.join("output.log"))?;
        let started = Instant::now();
        let child =
            Command::new(program).arg("--config").arg(&config).current_dir(folder).stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output).spawn()?;
        let mut running = Self(child);
        while !(is_ready(admin) && TcpStream::connect((Ipv4Addr::LOCALHOST, gateway)).is_ok()) {
            if started.elapsed() > TOO_LONG || running.0.try_wait()?.is_some() {
                bail!("it does not start: see {}", folder.join("output.log").display());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let time = started.elapsed();
        std::thread::sleep(SETTLED);
        Ok((time, resident(running.0.id())?))
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn configuration(folder: &Path, gateway: u16, admin: u16) -> Result<PathBuf> {
    let file = folder.join("deployment.toml");
    let data = folder.join("data");
    let text = format!(
        "[server]\nbase_path = \"https://localhost:{gateway}\"\ndata_dir = \"{}\"\n[gateway]\nlisten = \"127.0.0.1:{gateway}\"\n[admin]\nlisten = \"127.0.0.1:{admin}\"\n",
        data.display()
    );
    fs::write(&file, text)?;
    Ok(file)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_ready(admin: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, admin))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// `VmRSS` in KiB.
fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
