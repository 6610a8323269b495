//! Tables for people: both sides of every row, their ratio, and whether the goal was reached.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::load::Load;
use super::options::Options;
use crate::process::{ask, command};
use crate::repo::Repo;

/// All that one workload said.
pub(super) struct Report {
    workload: &'static str,
    text: String,
    reached: usize,
    missed: usize,
}

/// A side as a row names it.
pub(super) struct Measured<'a> {
    /// Who.
    pub(super) name: &'a str,
    /// What was seen.
    pub(super) load: &'a Load,
}

impl Report {
    /// An empty one.
    pub(super) fn new(workload: &'static str) -> Report {
        Report { workload, text: String::new(), reached: 0, missed: 0 }
    }

    /// Begins a table with a heading.
    pub(super) fn table(&mut self, title: &str) {
        println!("{title}");
        self.line(&format!("\n### {title}\n"));
        self.line("| what | side | requests/s | p50 ms | p99 ms | bytes | CPU µs | MiB | held against | ratio | goal |");
        self.line("|---|---|---|---|---|---|---|---|---|---|---|");
    }

    /// One side's numbers.
    pub(super) fn side(&mut self, what: &str, side: &Measured<'_>) {
        let text = format!("{} | | | |", cells(what, side));
        self.row(&text);
    }

    /// One side's numbers and their ratio to another's: at least `goal` is asked.
    pub(super) fn against(&mut self, what: &str, ours: &Measured<'_>, other: &Measured<'_>, goal: f64) {
        let ratio = ours.load.rate / other.load.rate;
        let verdict = self.verdict(ratio, goal);
        let text = format!("{} {} | {} | {verdict} |", cells(what, ours), other.name, times(ratio));
        self.row(&text);
    }

    /// Begins a table of times or sizes.
    pub(super) fn plain_table(&mut self, title: &str) {
        println!("{title}");
        self.line(&format!("\n### {title}\n"));
        self.line("| what | ours | held against | ratio | goal |");
        self.line("|---|---|---|---|---|");
    }

    /// Ours, theirs, and how many times better we are: at least `goal` is asked.
    pub(super) fn ratio(&mut self, what: &str, ours: &str, other: &str, better: f64, goal: f64) {
        let verdict = self.verdict(better, goal);
        self.row(&format!("| {what} | {ours} | {other} | {} | {verdict} |", times(better)));
    }

    /// Ours where nobody sets a goal.
    pub(super) fn fact(&mut self, what: &str, ours: &str) {
        self.row(&format!("| {what} | {ours} | | | |"));
    }

    /// A sentence under the table.
    pub(super) fn note(&mut self, text: &str) {
        println!("{text}");
        self.line(&format!("\n{text}"));
    }

    fn verdict(&mut self, ratio: f64, goal: f64) -> String {
        let reached = ratio >= goal;
        *(if reached { &mut self.reached } else { &mut self.missed }) += 1;
        format!("≥ {}: {}", times(goal), if reached { "reached" } else { "**missed**" })
    }

    fn row(&mut self, text: &str) {
        println!("{text}");
        self.line(text);
    }

    fn line(&mut self, text: &str) {
        // Writing to a text does not fail.
        let _ = writeln!(self.text, "{text}");
    }

    /// Prints the sum, and puts the section into the page that was asked for.
    pub(super) fn publish(&self, repo: &Repo, options: &Options) -> Result<()> {
        let sum = format!("{} goals reached, {} missed", self.reached, self.missed);
        println!("{}: {sum}", self.workload);
        let Some(out) = &options.out else { return Ok(()) };
        let section = format!(
            "## {}\n\nSize {:?} ({} incidents), seed {}, medians of {} rounds of {} s in turns. {}. {sum}.\n{}",
            self.workload,
            options.size,
            options.size.incidents(),
            options.seed,
            options.rounds,
            options.seconds,
            machine(repo),
            self.text,
        );
        let page = fs::read_to_string(out).unwrap_or_else(|_| PREFACE.to_owned());
        fs::write(out, with_section(&page, self.workload, &section))
            .with_context(|| format!("cannot write {}", out.display()))
    }
}

const PREFACE: &str = "# Benchmarks\n\nWritten by `cargo xtask bench … --out`. Absolute times mean nothing on a shared machine: read the ratios.\n";

/// The page with this section in the place of the former one, or at its end.
fn with_section(page: &str, workload: &str, section: &str) -> String {
    let head = format!("## {workload}\n");
    let Some(start) = page.find(&format!("\n{head}")).map(|at| at + 1) else {
        return format!("{}\n\n{}\n", page.trim_end(), section.trim_end());
    };
    let end = page[start..].find("\n## ").map_or(page.len(), |at| start + at + 1);
    let rest = if end < page.len() { format!("\n\n{}", &page[end..]) } else { "\n".to_owned() };
    format!("{}{}{rest}", &page[..start], section.trim_end())
}

fn cells(what: &str, side: &Measured<'_>) -> String {
    let l = side.load;
    format!(
        "| {what} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {:.0} |",
        side.name,
        l.rate,
        l.p50 / 1e3,
        l.p99 / 1e3,
        l.bytes,
        l.cpu,
        l.memory
    )
}

/// A ratio as people read it.
fn times(ratio: f64) -> String {
    if ratio >= 10.0 { format!("{ratio:.0}×") } else { format!("{ratio:.2}×") }
}

/// Processor and versions; no name of a host, no path.
fn machine(repo: &Repo) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        info.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or("").trim_matches([' ', '\t', ':']);
    let mut text = format!("{cores} cores of {model}");
    let commit = ask(command("git", &repo.root).args(["rev-parse", "--short", "HEAD"])).unwrap_or_default();
    let rust = ask(command("rustc", &repo.root).arg("--version")).unwrap_or_default();
    // wrk says its version with its usage, and fails.
    let _ = write!(text, "; diaban {}, {}", commit.trim(), rust.split(" (").next().unwrap_or_default());
    for (program, flag) in [("postgres", "--version"), ("ogr2ogr", "--version")] {
        if let Some(said) = ask(command(program, &repo.root).arg(flag)) {
            let _ = write!(text, ", {}", said.lines().next().unwrap_or_default().trim());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_former_one() {
        let page = with_section("# Benchmarks\n", "tiles", "## tiles\n\nold");
        let page = with_section(&page, "items", "## items\n\nkept");
        let page = with_section(&page, "tiles", "## tiles\n\nnew");
        assert_eq!(page, "# Benchmarks\n\n## tiles\n\nnew\n\n## items\n\nkept\n");
        let page = with_section(&page, "items", "## items\n\nlast");
        assert_eq!(page, "# Benchmarks\n\n## tiles\n\nnew\n\n## items\n\nlast\n");
    }

    #[test]
    fn a_goal_is_reached_or_missed() {
        let mut report = Report::new("tiles");
        report.ratio("a", "1 s", "3 s", 3.0, 2.0);
        report.ratio("b", "1 s", "1 s", 1.0, 2.0);
        assert_eq!((report.reached, report.missed), (1, 1));
        assert!(report.text.contains("≥ 2.00×: reached") && report.text.contains("**missed**"));
    }
}
