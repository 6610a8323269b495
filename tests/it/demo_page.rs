//! `docs/demo.md` says what the demo ward tells; every command on the page is run and must answer what stands there.

use std::path::Path;
use std::process::{Command, Stdio};

use e2e::{Server, binary, demo_copy, skip, temp_dir};

/// The address the page uses.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// The file the page uses.
const FILE: &str = "ward.gpkg";

/// A command of the page and the answer below it.
struct Claim<'a> {
    line: usize,
    command: &'a str,
    answer: &'a str,
}

/// Every block of `sh` with the block of `text` that follows it.
fn claims(page: &str) -> Vec<Claim<'_>> {
    let mut all = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find("```sh\n") {
        let from = start + "```sh\n".len();
        let (command, after) = rest[from..].split_once("\n```\n").expect("an end of the command");
        let after = after.strip_prefix("```text\n").unwrap_or_else(|| panic!("no answer below {command}"));
        let (answer, after) = after.split_once("\n```").expect("an end of the answer");
        let line = page[..page.len() - rest.len() + from].matches('\n').count() + 1;
        all.push(Claim { line, command, answer });
        rest = after;
    }
    all
}

fn run(command: &str, dir: &Path) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let own = binary().parent().expect("the binary lies in a folder").display().to_string();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(dir).env("PATH", format!("{own}:{path}")).stdin(Stdio::null());
    let output = shell.output().expect("a shell");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_command_of_the_page_answers_what_stands_there() {
    let curl = Command::new("curl").arg("--version").stdout(Stdio::null()).status();
    if !curl.is_ok_and(|status| status.success()) {
        return skip("demo_page::every_command_of_the_page_answers_what_stands_there", "no curl");
    }
    let page = include_str!("../../docs/demo.md");
    let claims = claims(page);
    assert!(claims.len() > 20, "{} commands", claims.len());
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let file = data.display().to_string();
    let server = Server::serve(&data);
    let mut wrong = Vec::new();
    for claim in claims {
        let said = run(&claim.command.replace(ADDRESS, &server.url).replace(FILE, &file), dir.path());
        if said.trim() != claim.answer.trim() {
            wrong.push(format!(
                "demo.md:{}: {}\n  page: {}\n  said: {}",
                claim.line,
                claim.command,
                claim.answer,
                said.trim()
            ));
        }
    }
    server.stop();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
