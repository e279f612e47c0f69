//! A table on the terminal that can be pasted into Markdown.

/// Rows under a title and headings.
#[derive(Debug)]
pub(crate) struct ResultTable {
    title: String,
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl ResultTable {
    /// An empty table.
    pub(crate) fn new(title: &str, headings: &[&str]) -> Self {
        let headings = headings.iter().map(|text| (*text).to_owned()).collect();
        Self {
            title: title.to_owned(),
            headings,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn add_row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it.
    pub(crate) fn print_table(&self) {
        let widths: Vec<usize> = (0..self.headings.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells
                    .chain([&self.headings[column]])
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            format!("| {} |", cells.join(" | "))
        };
        println!("\n{}\n", self.title);
        println!("{}", line(&self.headings));
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        println!("| {} |", rule.join(" | "));
        for row in &self.rows {
            println!("{}", line(row));
        }
    }
}
