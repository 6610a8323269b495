//! One run of the `diaban` command from start to end.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::places::binary_dir;

/// The binary of this build.
pub fn binary() -> PathBuf {
    let path = binary_dir().join(format!("diaban{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "no {}: run `cargo build --package server` first", path.display());
    path
}

/// The command without the environment of whoever runs the tests; only the log level passes.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DIABAN_") && name != "DIABAN_LOG" {
            command.env_remove(name);
        }
    }
    command.args(args).envs(env.iter().copied()).stdin(Stdio::null());
    command
}

/// What a finished program left.
pub struct Run {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output();
        let Output { status, stdout, stderr } = output
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display()));
        Self { code: status.code(), stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exit(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "exit {:?}, not {code}\n{}\n{}",
            self.code,
            self.text(),
            self.stderr
        );
        self
    }

    /// Asserts success.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exit(0)
    }

    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON: {error}\n{}\n{}", self.text(), self.stderr))
    }
}

/// Runs `diaban` with these arguments to its end.
pub fn diaban<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    diaban_with_env(args, &[])
}

/// Like [`diaban`], with more environment.
pub fn diaban_with_env<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, env: &[(&str, &str)]) -> Run {
    Run::of(&mut command(args, env))
}
