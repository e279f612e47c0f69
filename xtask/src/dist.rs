//! The release: folders that a shop deploys with `sam deploy` alone, without Rust or Zig.
//!
//! ```text
//! dist/<architecture>/functions/<function>.zip
//!                     template.yaml, alarms.yaml, samconfig.toml
//! dist/sbom/<function>.cdx.json     CycloneDX, one for each zip
//! dist/{CHANGELOG.md, LICENSE, THIRD-PARTY-LICENSES.html, SHA256SUMS}
//! ```
//!
//! The same sources give the same bytes with the same Rust and Zig: the paths of this
//! machine are left out of the programs, and a zip bears no date.

mod template;

use crate::{
    cargo,
    command::{run_for_output, run_logged, workspace_command},
    inputs,
    paths::Paths,
    tools::{self, Tools},
    ui::ConsoleStep,
};
use anyhow::{Context as _, bail, ensure};
use clap::{Args, ValueEnum};
use sha2::{Digest as _, Sha256};
use std::{
    fmt::{self, Write as _},
    fs,
    path::{Path, PathBuf},
};

/// The newest version of glibc that Amazon Linux 2023 has, of which the Lambda
/// runtime `provided.al2023` is made.
const NEWEST_GLIBC: (u32, u32) = (2, 34);

/// What to release.
#[derive(Debug, Args)]
pub(crate) struct DistOptions {
    /// Only this architecture; both if not said.
    #[arg(long)]
    architecture: Option<Architecture>,
    /// Folder of the release, made anew.
    #[arg(long, default_value = "dist")]
    output: PathBuf,
}

/// A processor architecture of Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Architecture {
    /// AWS Graviton, a fifth cheaper.
    Arm64,
    /// Intel and AMD.
    #[value(name = "x86_64")]
    X86_64,
}

impl Architecture {
    /// The target that Rust compiles for.
    fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }
}

impl fmt::Display for Architecture {
    /// As CloudFormation calls it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        })
    }
}

/// Makes the release.
pub(crate) fn run(options: &DistOptions) -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let tools = Tools::install(&paths)?;
    let dist = paths.root.join(&options.output);
    if dist.exists() {
        fs::remove_dir_all(&dist).with_context(|| format!("cannot remove {}", dist.display()))?;
    }
    let mut is_empty = true;
    for architecture in Architecture::value_variants() {
        if options
            .architecture
            .is_some_and(|only| only != *architecture)
        {
            continue;
        }
        match install_target(&paths, *architecture) {
            Ok(()) => release_architecture(&paths, &tools, &dist, *architecture)?,
            // The other half is a release too.
            Err(error) if options.architecture.is_none() => {
                println!("  {:<11} left out: {error:#}", architecture.to_string());
                continue;
            }
            Err(error) => return Err(error),
        }
        is_empty = false;
    }
    ensure!(!is_empty, "no architecture could be built: see above");
    write_documents(&paths, &dist)?;
    write_checksums(&dist)?;
    println!(
        "\n  {} holds the release. To deploy it:\n\n    cd {}/arm64 && sam deploy --config-env prod\n",
        paths.display_path(&dist),
        paths.display_path(&dist),
    );
    Ok(())
}

/// Has rustup install the standard library of the target.
fn install_target(paths: &Paths, architecture: Architecture) -> anyhow::Result<()> {
    let mut rustup = workspace_command("rustup", paths);
    rustup.args(["target", "add", architecture.target()]);
    run_for_output(rustup)
        .map(|_| ())
        .with_context(|| format!("no Rust for {}", architecture.target()))
}

fn release_architecture(
    paths: &Paths,
    tools: &Tools,
    dist: &Path,
    architecture: Architecture,
) -> anyhow::Result<()> {
    let step = ConsoleStep::begin_step("release", &format!("compiling for {architecture}"));
    let built = paths.tools.join("dist").join(architecture.to_string());
    compile_functions(paths, tools, &built, architecture)?;
    let folder = dist.join(architecture.to_string());
    fs::create_dir_all(folder.join("functions"))?;
    let functions = cargo::list_functions(paths)?;
    for function in &functions {
        let program = built.join(function).join("bootstrap");
        must_run_on_lambda(&program)?;
        let zip = folder.join("functions").join(format!("{function}.zip"));
        let mut zipping = workspace_command(tools.sam_python(), paths);
        zipping
            .args(["-B", "infra/local/pack.py"])
            .arg(&program)
            .arg(&zip);
        run_logged(zipping, "dist-pack", paths)?;
    }
    let source = read_source(paths, "infra/template.yaml")?;
    let version = env!("CARGO_PKG_VERSION");
    let text = template::package_template(&source, architecture, version)?;
    fs::write(folder.join("template.yaml"), text)?;
    fs::copy(
        paths.root.join("infra/alarms.yaml"),
        folder.join("alarms.yaml"),
    )?;
    let settings = template::package_settings(&read_source(paths, "samconfig.toml")?)?;
    fs::write(folder.join("samconfig.toml"), settings)?;
    step.done(&format!("{} functions for {architecture}", functions.len()));
    Ok(())
}

/// Compiles all functions into `<folder>/<function>/bootstrap`.
fn compile_functions(
    paths: &Paths,
    tools: &Tools,
    folder: &Path,
    architecture: Architecture,
) -> anyhow::Result<()> {
    let mut build = workspace_command(tools.sam_program("cargo-lambda"), paths);
    build
        .args([
            "lambda",
            "build",
            "--release",
            "--locked",
            "--target",
            architecture.target(),
        ])
        .arg("--lambda-dir")
        .arg(folder)
        .env("PATH", tools.search_path())
        // Zig links against the glibc of Lambda, whatever this machine has.
        .env("CARGO_LAMBDA_COMPILER", "zig")
        .env("RUSTFLAGS", remap_flags(paths)?);
    run_logged(build, &format!("dist-{architecture}"), paths)
}

/// Flags that leave the folders of this machine out of the programs, where panics
/// would name them: two machines build the same bytes.
fn remap_flags(paths: &Paths) -> anyhow::Result<String> {
    let home = crate::paths::find_variable("CARGO_HOME")
        .or_else(|| Some(crate::paths::find_variable("HOME")? + "/.cargo"))
        .context("neither CARGO_HOME nor HOME is set")?;
    let root = paths.root.display();
    Ok(format!(
        "--remap-path-prefix={home}=/cargo --remap-path-prefix={root}=/posthorn"
    ))
}

/// Fails if the program needs a newer glibc than Lambda has, and would not start there.
fn must_run_on_lambda(program: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    if let Some(version) = newest_glibc(&bytes)
        && version > NEWEST_GLIBC
    {
        bail!(
            "{} needs glibc {}.{}, and Lambda has {}.{}: it was linked without Zig",
            program.display(),
            version.0,
            version.1,
            NEWEST_GLIBC.0,
            NEWEST_GLIBC.1
        );
    }
    Ok(())
}

/// The newest version of glibc that a program asks for: its table of symbols names
/// each as `GLIBC_2.34`.
fn newest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let versions = program
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK)
        .filter_map(|(at, _)| {
            let text = program[at + MARK.len()..]
                .split(|byte| !byte.is_ascii_digit() && *byte != b'.')
                .next()?;
            let mut numbers = std::str::from_utf8(text).ok()?.split('.');
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        });
    versions.max()
}

/// What concerns both architectures: materials, licences, changes.
fn write_documents(paths: &Paths, dist: &Path) -> anyhow::Result<()> {
    write_materials(paths, &dist.join("sbom"))?;
    let step = ConsoleStep::begin_step("licences", "gathering");
    let mut about = workspace_command(tools::cargo_about(paths)?, paths);
    about
        .args([
            "generate",
            "--locked",
            "--fail",
            "--config",
            "xtask/dist/about.toml",
        ])
        .arg("--output-file")
        .arg(dist.join("THIRD-PARTY-LICENSES.html"))
        .arg("xtask/dist/licences.hbs");
    run_logged(about, "dist-licences", paths)?;
    fs::copy(paths.root.join("LICENSE"), dist.join("LICENSE"))?;
    step.done("THIRD-PARTY-LICENSES.html");
    let mut fragments = std::collections::BTreeMap::new();
    for entry in fs::read_dir(paths.root.join("changelog.d"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        fragments.insert(name, fs::read_to_string(entry.path())?);
    }
    let changelog = template::gather_changelog(env!("CARGO_PKG_VERSION"), &fragments);
    fs::write(dist.join("CHANGELOG.md"), changelog)?;
    Ok(())
}

/// Writes a bill of materials for each function.
fn write_materials(paths: &Paths, folder: &Path) -> anyhow::Result<()> {
    let step = ConsoleStep::begin_step("materials", "listing");
    fs::create_dir_all(folder)?;
    let program = tools::cargo_cyclonedx(paths)?;
    for function in cargo::list_functions(paths)? {
        let manifest = format!("functions/{function}/Cargo.toml");
        let mut list = workspace_command(&program, paths);
        list.args(["cyclonedx", "--format", "json", "--spec-version", "1.5"])
            .args(["--no-build-deps", "--manifest-path", &manifest])
            .args(["--override-filename", "release.cdx"])
            // Without it the serial number is drawn at random.
            .env("SOURCE_DATE_EPOCH", "0");
        run_logged(list, "dist-materials", paths)?;
        // It writes beside each manifest that it reads.
        let mut is_found = false;
        for written in find_files(&paths.root, "release.cdx.json")? {
            if written.parent().is_some_and(|at| at.ends_with(&function)) {
                fs::copy(&written, folder.join(format!("{function}.cdx.json")))?;
                is_found = true;
            }
            fs::remove_file(written)?;
        }
        ensure!(is_found, "cargo-cyclonedx wrote nothing about {function}");
    }
    step.done("CycloneDX, one for each function");
    Ok(())
}

/// Files called `name` in the packages of the workspace.
fn find_files(root: &Path, name: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for part in ["functions", "shared", "tests", "xtask"] {
        let files = inputs::list_files(&root.join(part))?;
        found.extend(files.into_iter().filter(|file| file.ends_with(name)));
    }
    Ok(found)
}

/// Writes `SHA256SUMS`, which `sha256sum --check` reads.
fn write_checksums(dist: &Path) -> anyhow::Result<()> {
    let mut sums = String::new();
    for file in inputs::list_files(dist)? {
        let hash = hex::encode(Sha256::digest(fs::read(&file)?));
        let name = file.strip_prefix(dist)?.display().to_string();
        writeln!(sums, "{hash}  {name}")?;
    }
    fs::write(dist.join("SHA256SUMS"), sums)?;
    Ok(())
}

fn read_source(paths: &Paths, name: &str) -> anyhow::Result<String> {
    fs::read_to_string(paths.root.join(name)).with_context(|| format!("cannot read {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_of_a_program_is_found() {
        let program = b"\x7fELF\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.17\0GLIBC_PRIVATE\0";
        assert_eq!(newest_glibc(program), Some((2, 34)));
        assert_eq!(newest_glibc(b"\x7fELF"), None);
    }
}
