//! From a view and its templates to a finished message.

use crate::{
    locale::{LOCALES, Locale},
    segments,
    view::MessageView,
};
use minijinja::{
    Environment, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde,
};
use posthorn_domain::notification_type::NotificationType;
use std::sync::LazyLock;

/// A finished message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    /// A mail.
    Email(Email),
    /// A text message.
    Sms(Sms),
}

/// A finished mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// One line, without control characters.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The same as plain text.
    pub text: String,
    /// Where the customer stops the shop's mails.
    pub unsubscribe: Option<String>,
}

/// A finished text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// What it says.
    pub text: String,
    /// How many segments it is billed as.
    pub segments: usize,
}

/// A template could not be rendered: a defect of the template, never of the data.
#[derive(Debug, thiserror::Error)]
#[error("template {template}: {source}")]
pub struct RenderError {
    template: String,
    source: minijinja::Error,
}

impl RenderError {
    fn in_template(name: &str, source: minijinja::Error) -> Self {
        Self {
            template: name.to_owned(),
            source,
        }
    }
}

/// No text message may cost more than this.
const MAX_SEGMENTS: usize = 2;

/// Sections of `sms.txt` for when nothing else fits, each briefer.
const BRIEF: [&str; 2] = ["brief", "briefest"];

static TEMPLATES: LazyLock<Result<Environment<'static>, RenderError>> =
    LazyLock::new(load_templates);

/// Cuts the files into sections, so that a moment's template is compiled and
/// rendered alone.
fn load_templates() -> Result<Environment<'static>, RenderError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("href", escape_href);
    environment.add_filter("upfirst", capitalise_first);
    for locale in LOCALES {
        for (kind, file) in [("email", locale.email), ("sms", locale.sms)] {
            for (section, source) in split_sections(file) {
                add_template(
                    &mut environment,
                    &format!("{}/{kind}/{section}", locale.tag),
                    source,
                )?;
            }
        }
    }
    // Layouts have tags on lines of their own; in running text a line's end counts.
    let layout = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(|source| RenderError::in_template("layout", source))?;
    environment.set_syntax(layout);
    add_template(
        &mut environment,
        "email.html",
        include_str!("../templates/email.html"),
    )?;
    add_template(
        &mut environment,
        "email.txt",
        include_str!("../templates/email.txt"),
    )?;
    Ok(environment)
}

fn add_template(
    environment: &mut Environment<'static>,
    name: &str,
    source: &'static str,
) -> Result<(), RenderError> {
    environment
        .add_template_owned(name.to_owned(), source)
        .map_err(|source| RenderError::in_template(name, source))
}

/// A link for an attribute in double quotes. Unlike plain escaping it leaves
/// slashes alone, which whatever rewrites links in mails relies on.
fn escape_href(url: &str) -> Value {
    let is_plain = !url.contains(['"', '<', '>']) && !url.contains(char::is_whitespace);
    let is_known = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    let url = if is_plain && is_known {
        url.replace('&', "&amp;")
    } else {
        String::new()
    };
    Value::from_safe_string(url)
}

/// A sentence's beginning: unlike `capitalize` it leaves the rest alone.
fn capitalise_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// `[name]` on a line of its own begins a section; what stands before the first is a comment.
fn split_sections(file: &str) -> impl Iterator<Item = (&str, &str)> {
    file.split("\n[")
        .skip(1)
        .filter_map(|section| section.split_once("]\n"))
}

fn fill_template(name: &str, context: &Value) -> Result<String, RenderError> {
    let templates = TEMPLATES.as_ref().map_err(|error| {
        let text = error.to_string();
        let source = minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, text);
        RenderError::in_template(name, source)
    })?;
    templates
        .get_template(name)
        .and_then(|template| template.render(context.clone()))
        .map_err(|source| RenderError::in_template(name, source))
}

pub(crate) fn render_email(
    moment: NotificationType,
    locale: &Locale,
    view: &MessageView,
    unsubscribe: Option<&str>,
) -> Result<Email, RenderError> {
    let view = Value::from(Serde(view));
    let name = format!("{}/email/{moment}", locale.tag);
    let wording = fill_template(&name, &view)?;
    let wording = Wording::parse_section(&wording);
    let context = context! {
        subject => wording.subject.as_str(),
        preheader => wording.preheader,
        heading => wording.heading,
        paragraphs => wording.paragraphs,
        labels => Value::from(Serde(locale.words.labels())),
        lang => locale.tag,
        ..view
    };
    Ok(Email {
        html: fill_template("email.html", &context)?,
        text: tidy_lines(&fill_template("email.txt", &context)?),
        subject: wording.subject,
        unsubscribe: unsubscribe.map(str::to_owned),
    })
}

pub(crate) fn render_sms(
    moment: NotificationType,
    locale: &Locale,
    view: &MessageView,
) -> Result<Sms, RenderError> {
    let view = Value::from(Serde(view));
    let write = |section: &str| -> Result<Sms, RenderError> {
        let text = fill_template(&format!("{}/sms/{section}", locale.tag), &view)?;
        let text = segments::fold_to_gsm(&squeeze_spaces(&text));
        let segments = segments::count_segments(&text);
        Ok(Sms { text, segments })
    };
    let mut sms = write(moment.as_str())?;
    for section in BRIEF {
        if sms.segments <= MAX_SEGMENTS {
            break;
        }
        sms = write(section)?;
    }
    Ok(sms)
}

/// What a section of `email.txt` says: three lines with a name, then paragraphs.
struct Wording {
    subject: String,
    preheader: String,
    heading: String,
    paragraphs: Vec<String>,
}

impl Wording {
    /// Every value that a template may insert is a single line, so none can
    /// pose as one of ours.
    fn parse_section(text: &str) -> Self {
        let (head, body) = text.trim().split_once("\n\n").unwrap_or((text, ""));
        let line = |name: &str| {
            head.lines()
                .find_map(|line| line.trim().strip_prefix(name))
                .map(squeeze_spaces)
                .unwrap_or_default()
        };
        Self {
            subject: line("Subject:"),
            preheader: line("Preheader:"),
            heading: line("Heading:"),
            paragraphs: body
                .split("\n\n")
                .map(squeeze_spaces)
                .filter(|paragraph| !paragraph.is_empty())
                .collect(),
        }
    }
}

fn squeeze_spaces(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ends lines without spaces and leaves no two empty lines in a row.
fn tidy_lines(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.trim().lines().map(str::trim_end) {
        if line.is_empty() && tidy.ends_with("\n\n") {
            continue;
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}
